-- Which demo data this database holds: made into an empty one only, and once.
CREATE TABLE demo (
    single     boolean PRIMARY KEY DEFAULT true CHECK (single),
    seed       bigint NOT NULL,
    start_date date NOT NULL,
    members    integer NOT NULL CHECK (members BETWEEN 3 AND 10000),
    made_at    timestamptz NOT NULL
);
COMMENT ON TABLE demo IS 'One row where the database holds demo data, none otherwise.';
COMMENT ON COLUMN demo.single IS 'Always true: the table holds one row at most.';
COMMENT ON COLUMN demo.seed IS 'Number from which names and ids were drawn.';
COMMENT ON COLUMN demo.start_date IS 'Day from which ids count their time.';
COMMENT ON COLUMN demo.members IS 'How many people were made.';
COMMENT ON COLUMN demo.made_at IS 'When the data was made.';
