"""Readers' opinions of works, votes and reports; the sums of stars and votes follow by triggers."""

from alembic import op

revision = "0040"
down_revision = "0025"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE opinion (
    id BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
    work BIGINT NOT NULL,
    person TEXT NOT NULL,
    stars SMALLINT NOT NULL,
    text TEXT NOT NULL,
    signed TEXT NOT NULL,
    state TEXT NOT NULL,
    reasons TEXT[] DEFAULT '{}' NOT NULL,
    note TEXT DEFAULT '' NOT NULL,
    appeal TEXT DEFAULT '' NOT NULL,
    reports INTEGER DEFAULT 0 NOT NULL,
    cleared BOOLEAN DEFAULT false NOT NULL,
    helpful INTEGER DEFAULT 0 NOT NULL,
    unhelpful INTEGER DEFAULT 0 NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    changed_at timestamptz DEFAULT now() NOT NULL,
    waits_since timestamptz,
    CONSTRAINT opinion_pkey PRIMARY KEY (id),
    CONSTRAINT opinion_person_work_key UNIQUE (person, work),
    CONSTRAINT opinion_stars_check CHECK (stars BETWEEN 1 AND 5),
    CONSTRAINT opinion_state_check CHECK (state IN ('visible', 'held', 'hidden')),
    CONSTRAINT opinion_work_fkey FOREIGN KEY (work) REFERENCES work (id) ON DELETE CASCADE,
    CONSTRAINT opinion_person_fkey FOREIGN KEY (person) REFERENCES person (login)
);
CREATE INDEX opinion_newest_idx ON opinion (work, id) WHERE state = 'visible';
CREATE INDEX opinion_helpful_idx ON opinion (work, helpful, id) WHERE state = 'visible';
CREATE INDEX opinion_waits_idx ON opinion (waits_since, id) WHERE waits_since IS NOT NULL;

CREATE TABLE opinion_vote (
    opinion BIGINT NOT NULL,
    person TEXT NOT NULL,
    helpful BOOLEAN NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT opinion_vote_pkey PRIMARY KEY (opinion, person),
    CONSTRAINT opinion_vote_opinion_fkey
        FOREIGN KEY (opinion) REFERENCES opinion (id) ON DELETE CASCADE,
    CONSTRAINT opinion_vote_person_fkey FOREIGN KEY (person) REFERENCES person (login)
);
CREATE INDEX opinion_vote_person_idx ON opinion_vote (person);

CREATE TABLE opinion_report (
    opinion BIGINT NOT NULL,
    person TEXT NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT opinion_report_pkey PRIMARY KEY (opinion, person),
    CONSTRAINT opinion_report_reason_check CHECK
        (reason IN ('spam', 'hate', 'spoiler', 'personal-data', 'off-topic', 'other')),
    CONSTRAINT opinion_report_opinion_fkey
        FOREIGN KEY (opinion) REFERENCES opinion (id) ON DELETE CASCADE,
    CONSTRAINT opinion_report_person_fkey FOREIGN KEY (person) REFERENCES person (login)
);
CREATE INDEX opinion_report_person_idx ON opinion_report (person);

CREATE TABLE rating (
    work BIGINT NOT NULL,
    stars_1 INTEGER NOT NULL,
    stars_2 INTEGER NOT NULL,
    stars_3 INTEGER NOT NULL,
    stars_4 INTEGER NOT NULL,
    stars_5 INTEGER NOT NULL,
    CONSTRAINT rating_pkey PRIMARY KEY (work),
    CONSTRAINT rating_not_negative_check CHECK
        (stars_1 >= 0 AND stars_2 >= 0 AND stars_3 >= 0 AND stars_4 >= 0 AND stars_5 >= 0),
    CONSTRAINT rating_work_fkey FOREIGN KEY (work) REFERENCES work (id) ON DELETE CASCADE
);

COMMENT ON TABLE opinion IS 'One for a reader and a work. held: nobody else sees it before a'
    ' moderator has decided; reasons: why; note: the moderator''s; cleared: reports hold it no'
    ' more; waits_since: for a moderator, be it held, reported or appealed.';
COMMENT ON TABLE opinion_vote IS 'opinion.helpful and unhelpful are its sums, kept by a trigger.';
COMMENT ON TABLE rating IS
    'How many visible opinions of a work give so many stars, kept by a trigger.';

CREATE FUNCTION rate(rated BIGINT, given SMALLINT, number INTEGER) RETURNS void LANGUAGE sql AS $$
    UPDATE rating SET
        stars_1 = stars_1 + number * (given = 1)::int,
        stars_2 = stars_2 + number * (given = 2)::int,
        stars_3 = stars_3 + number * (given = 3)::int,
        stars_4 = stars_4 + number * (given = 4)::int,
        stars_5 = stars_5 + number * (given = 5)::int
    WHERE work = rated $$;
CREATE FUNCTION rate_work() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.work, OLD.stars, OLD.state = 'visible')
            = (NEW.work, NEW.stars, NEW.state = 'visible') THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' AND OLD.state = 'visible' THEN
        PERFORM rate(OLD.work, OLD.stars, -1);
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.state = 'visible' THEN
        INSERT INTO rating VALUES (NEW.work, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING;
        PERFORM rate(NEW.work, NEW.stars, 1);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER opinion_rates AFTER INSERT OR UPDATE OR DELETE ON opinion
    FOR EACH ROW EXECUTE FUNCTION rate_work();

CREATE FUNCTION count_votes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE opinion SET helpful = helpful - OLD.helpful::int,
            unhelpful = unhelpful - (NOT OLD.helpful)::int WHERE id = OLD.opinion;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        UPDATE opinion SET helpful = helpful + NEW.helpful::int,
            unhelpful = unhelpful + (NOT NEW.helpful)::int WHERE id = NEW.opinion;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER opinion_vote_counts AFTER INSERT OR UPDATE OR DELETE ON opinion_vote
    FOR EACH ROW EXECUTE FUNCTION count_votes();
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
