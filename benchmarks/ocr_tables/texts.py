"""Beginnings of books in the public domain, typed here: five languages and two old spellings."""

TEXTS = {
    "en": """\
It is a truth universally acknowledged, that a single man in possession of a good fortune, must be \
in want of a wife. However little known the feelings or views of such a man may be on his first \
entering a neighbourhood, this truth is so well fixed in the minds of the surrounding families, \
that he is considered as the rightful property of some one or other of their daughters.

“My dear Mr. Bennet,” said his lady to him one day, “have you heard that Netherfield Park is let \
at last?” Mr. Bennet replied that he had not. “But it is,” returned she; “for Mrs. Long has just \
been here, and she told me all about it.” Mr. Bennet made no answer. “Do not you want to know who \
has taken it?” cried his wife, impatiently. “You want to tell me, and I have no objection to \
hearing it.” This was invitation enough.""",
    "de": """\
Als Gregor Samsa eines Morgens aus unruhigen Träumen erwachte, fand er sich in seinem Bett zu \
einem ungeheueren Ungeziefer verwandelt. Er lag auf seinem panzerartig harten Rücken und sah, wenn \
er den Kopf ein wenig hob, seinen gewölbten, braunen, von bogenförmigen Versteifungen geteilten \
Bauch, auf dessen Höhe sich die Bettdecke, zum gänzlichen Niedergleiten bereit, kaum noch erhalten \
konnte.

„Was ist mit mir geschehen?“ dachte er. Es war kein Traum. Sein Zimmer, ein richtiges, nur etwas \
zu kleines Menschenzimmer, lag ruhig zwischen den vier wohlbekannten Wänden. Über dem Tisch, auf \
dem eine auseinandergepackte Musterkollektion von Tuchwaren ausgebreitet war – Samsa war \
Reisender –, hing das Bild, das er vor kurzem aus einer illustrierten Zeitschrift ausgeschnitten \
und in einem hübschen, vergoldeten Rahmen untergebracht hatte.""",
    "fr": """\
Nous étions à l’étude, quand le Proviseur entra, suivi d’un nouveau habillé en bourgeois et d’un \
garçon de classe qui portait un grand pupitre. Ceux qui dormaient se réveillèrent, et chacun se \
leva comme surpris dans son travail.

Le Proviseur nous fit signe de nous rasseoir ; puis, se tournant vers le maître d’études : \
« Monsieur Roger, lui dit-il à demi-voix, voici un élève que je vous recommande, il entre en \
cinquième. Si son travail et sa conduite sont méritoires, il passera dans les grands, où l’appelle \
son âge. » Resté dans l’angle, derrière la porte, si bien qu’on l’apercevait à peine, le nouveau \
était un gars de la campagne, d’une quinzaine d’années environ, et plus haut de taille qu’aucun de \
nous tous. Il avait les cheveux coupés droit sur le front, comme un chantre de village, l’air \
raisonnable et fort embarrassé.""",
    "es": """\
En un lugar de la Mancha, de cuyo nombre no quiero acordarme, no ha mucho tiempo que vivía un \
hidalgo de los de lanza en astillero, adarga antigua, rocín flaco y galgo corredor. Una olla de \
algo más vaca que carnero, salpicón las más noches, duelos y quebrantos los sábados, lantejas los \
viernes, algún palomino de añadidura los domingos, consumían las tres partes de su hacienda.

El resto della concluían sayo de velarte, calzas de velludo para las fiestas, con sus pantuflos de \
lo mesmo, y los días de entresemana se honraba con su vellorí de lo más fino. Tenía en su casa una \
ama que pasaba de los cuarenta, y una sobrina que no llegaba a los veinte, y un mozo de campo y \
plaza, que así ensillaba el rocín como tomaba la podadera. Frisaba la edad de nuestro hidalgo con \
los cincuenta años; era de complexión recia, seco de carnes, enjuto de rostro, gran madrugador y \
amigo de la caza.""",
    "it": """\
Quel ramo del lago di Como, che volge a mezzogiorno, tra due catene non interrotte di monti, tutto \
a seni e a golfi, a seconda dello sporgere e del rientrare di quelli, vien, quasi a un tratto, a \
ristringersi, e a prender corso e figura di fiume, tra un promontorio a destra, e un’ampia \
costiera dall’altra parte; e il ponte, che ivi congiunge le due rive, par che renda ancor più \
sensibile all’occhio questa trasformazione, e segni il punto in cui il lago cessa, e l’Adda \
rincomincia, per ripigliar poi nome di lago dove le rive, allontanandosi di nuovo, lascian l’acqua \
distendersi e rallentarsi in nuovi golfi e in nuovi seni.""",
    "en, 1623": """\
Now is the Winter of our Discontent, Made glorious Summer by this Son of Yorke: And all the clouds \
that lowr'd vpon our house In the deepe bosome of the Ocean buried. Now are our browes bound with \
Victorious Wreathes, Our bruised armes hung vp for Monuments; Our sterne Alarums chang'd to merry \
Meetings; Our dreadfull Marches, to delightfull Measures. Grim-visag'd Warre, hath smooth'd his \
wrinkled Front: And now, in stead of mounting Barbed Steeds, To fright the Soules of fearfull \
Aduersaries, He capers nimbly in a Ladies Chamber, To the lasciuious pleasing of a Lute.""",
}
