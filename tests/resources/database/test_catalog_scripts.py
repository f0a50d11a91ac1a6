"""Books found in their own script, whatever form of a letter is typed, and in Latin letters."""

from ebook_pipeline.books.records import Contributor, Product, Series
from ebook_pipeline.resources.database import Database, catalog_forms
from ebook_pipeline.resources.database.catalog import search_by_title, search_with_facets
from tests.resources.database.test_catalog import sell
from tests.support.books.script_samples import languages, sample
from tests.support.servers.postgres import rows

FOUND = [
    ("ar", "شهريار"), ("ar", "اخيه"), ("ar", "الملك شهريار"), ("ar", "حِكَايَة"), ("ar", "alf layla"),
    ("ar", "الخيام"),
    ("he", "מעשה"), ("he", "בְּרֵאשִׁית"), ("he", "ביאליק"), ("he", "Bialik"),
    ("ja", "猫"), ("ja", "吾輩"), ("ja", "輩は猫"), ("ja", "夏目漱石"), ("ja", "漱石 猫"),
    ("ja", "Natsume Soseki"), ("ja", "natsume souseki"), ("ja", "ナツメ"), ("ja", '"書生の顔"'),
    ("zh", "孔乙己"), ("zh", "乙己"), ("zh", "鲁迅"), ("zh", "lu xun"), ("zh", "咸亨酒店"),
    ("hi", "ईदगाह"), ("hi", "प्रेमचन्द"), ("hi", "रोजों"), ("hi", "Premchand"), ("hi", "लड़का"),
    ("th", "อภัยมณี"), ("th", "สุนทรภู่"), ("th", "น้ำใจคน"), ("th", "Sunthorn Phu"),
    ("el", "ΦΟΝΙΣΣΑ"), ("el", "φόνισσα"), ("el", "Φόνισσας"), ("el", "Papadiamantis"),
    ("ru", "Толстой"), ("ru", "Tolstoy"), ("ru", "Tolstoi"), ("ru", "Tolstoj"), ("ru", "Каренину"),
    ("ru", "семья похожа"), ("ru", '"дом Облонских"'), ("ru", "все смешалось"),
    ("ko", "기행"), ("ko", "무진"), ("ko", "무진기행"), ("ko", "김승옥"), ("ko", "kim seungog"),
    ("ko", "한국단편"), ("ko", "단편 문학"), ("ko", "전집"),
    ("buch", "Mueller"), ("buch", "Müller"), ("buch", "Muller"), ("buch", "grosse Städte"),
    ("buch", "groesse"), ("pl", "lodz"), ("pl", "Łódź"), ("pl", "lodzi"), ("tr", "isik"),
    ("tr", "IŞIK"), ("tr", "ışık"), ("vi", "duong"), ("vi", "Đường"), ("vi", "duong ve"),
    ("plain", "Müller"), ("plain", "Groß"), ("fr", "étranger"), ("fr", "l'etranger"),
    ("fr", "l’étranger"), ("fr", "mots"), ("fr", "porte"), ("fa", "قایق ران"), ("fa", "قایقران"),
    ("fa", "قايق"), ("tr", "istanbul"), ("tr", "İSTANBUL'DA"),
]  # fmt: skip
NOT_FOUND = ["吾猫", "己乙", "人国", "ภัยอ", "Каренин -Толстой", "Сологуб", "שלום", "ترجمان"]


def fill(database: Database) -> None:
    """The samples of eight scripts, and a Russian author in English, on sale."""
    for language in languages():
        book = sample(language)
        said = book.metadata
        author = Contributor(
            name=said["author"],
            file_as=said.get("sort"),
            also=(said["also"],) if "also" in said else (),
        )
        product = Product(
            title=said["title"],
            creators=(author,),
            languages=(book.language,),
            description=book.text,
        )
        sell(database, language, product)
    tolstoy = Contributor(name="Leo Tolstoy")
    war = Product(title="War and Peace", creators=(tolstoy,), languages=("en",))
    sell(database, "war", war)
    sell(database, "plain", Product(title="Gross", creators=by("Mueller"), languages=("en",)))
    for name, title, writer, tag in (
        ("buch", "Die große Größe der Städte", "Jörg Müller", "de"),
        ("pl", "Łódź, moje miasto", "Zofia Łyk", "pl"),
        ("tr", "Işık Yolu: istanbul’da", "Aydın Çığ", "tr"),
        ("fr", "L’Étranger — « mots »… porte‑voix", "A", "fr"),
        ("fa", "قایق‌ران پیر", "سیمین", "fa"),
        ("vi", "Đường về", "Nguyễn Đỗ", "vi"),
    ):
        sell(database, name, Product(title=title, creators=by(writer), languages=(tag,)))
    series = (Series(name="한국 단편문학 전집"),)
    korean = Product(title="무진 기행", creators=by("김승옥"), languages=("ko",), series=series)
    sell(database, "ko", korean)


def by(name: str) -> tuple[Contributor]:
    return (Contributor(name=name),)


def test_books_of_eight_scripts_are_found_as_people_type(database: Database) -> None:
    fill(database)
    found = {
        (book, query): [entry.book for entry in search_with_facets(database, query).entries]
        for book, query in FOUND
    }
    assert {asked for asked, books in found.items() if asked[0] not in books} == set()
    assert [query for query in NOT_FOUND if search_with_facets(database, query).total] == []
    alone = {asked: books for asked, books in found.items() if books != [asked[0]]}
    umlauts = {("buch", "Mueller"), ("buch", "Müller"), ("plain", "Müller"), ("plain", "Groß")}
    both = {asked: ["buch", "plain"] for asked in umlauts}
    assert {asked: sorted(books) for asked, books in alone.items()} == both | {
        ("ru", "Tolstoy"): ["ru", "war"]
    }


def test_what_was_on_sale_before_is_found_after_the_migration(database: Database) -> None:
    fill(database)
    kept = "SELECT book, search::text, heading::text FROM catalog ORDER BY book"
    before = rows(database, kept)
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE catalog SET heading_forms = '', text_forms = ''")
        assert catalog_forms.fill(connection) == 15
    assert rows(database, kept) == before


def test_what_is_found_stands_by_title_in_the_order_of_its_language(database: Database) -> None:
    for number, title in enumerate(("Ödet", "En afton", "Den ålande", "Zebran", "Ängen")):
        sell(database, f"b{number}", Product(title=title, description="saga", languages=("sv",)))
    pages = [search_by_title(database, "saga", limit=3, offset=start).entries for start in (0, 3)]
    found = [entry.title for page in pages for entry in page]
    assert found == ["En afton", "Zebran", "Den ålande", "Ängen", "Ödet"]
