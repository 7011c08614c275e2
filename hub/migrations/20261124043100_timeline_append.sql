-- Appending to the log. Two functions with one contract: rows come as parallel arrays sorted by
-- room, no (room, author, cid) twice; answers come in the order of the rows.
--   outcome 0 = new, 1 = repeat (place of the first one), 2 = refused (no such room or no member).
-- Both lock the heads in a statement of its own before they read anything: one statement has one
-- snapshot, and a membership that changed while it waited would be read as it was. They must stay
-- VOLATILE and run under READ COMMITTED for the same reason.

CREATE FUNCTION timeline_append_set(
    rooms uuid[], authors uuid[], cids text[], kinds smallint[], counts boolean[],
    refs bigint[], bodies text[]
) RETURNS TABLE (ord bigint, outcome smallint, seq bigint, nth bigint, ts timestamptz, epoch integer)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    moment timestamptz;
BEGIN
    PERFORM 1 FROM room_head h WHERE h.room = ANY (rooms) ORDER BY h.room FOR UPDATE;
    moment := date_trunc('milliseconds', clock_timestamp());
    RETURN QUERY
    WITH given AS MATERIALIZED (
        SELECT g.ord, g.room, g.author, g.cid, g.kind, g.counts, g.ref, g.body,
               h.last_seq, h.countable, h.epoch,
               h.room IS NOT NULL AND (
                   g.author = '00000000-0000-0000-0000-000000000000'
                   OR EXISTS (SELECT 1 FROM member m
                              WHERE m.room = g.room AND m.person = g.author)) AS allowed,
               (SELECT e.seq FROM event e
                WHERE e.room = g.room AND e.author = g.author AND e.cid = g.cid) AS first_seq
        FROM unnest(rooms, authors, cids, kinds, counts, refs, bodies) WITH ORDINALITY
                 AS g (room, author, cid, kind, counts, ref, body, ord)
        LEFT JOIN room_head h ON h.room = g.room
    ), numbered AS MATERIALIZED (
        SELECT n.*,
               n.last_seq + row_number() OVER places AS new_seq,
               n.countable + count(*) FILTER (WHERE n.counts) OVER places AS new_nth
        FROM given n
        WHERE n.allowed AND n.first_seq IS NULL
        WINDOW places AS (PARTITION BY n.room ORDER BY n.ord)
    ), written AS (
        INSERT INTO event (room, author, seq, nth, ts, ref, kind, cid, body)
        SELECT room, author, new_seq, new_nth, moment, ref, kind, cid, body
        FROM numbered ORDER BY ord
    ), moved AS (
        UPDATE room_head h SET last_seq = t.new_seq, countable = t.new_nth
        FROM (SELECT room, max(new_seq) AS new_seq, max(new_nth) AS new_nth
              FROM numbered GROUP BY room) t
        WHERE h.room = t.room
    )
    SELECT g.ord,
           (CASE WHEN g.first_seq IS NOT NULL THEN 1 WHEN g.allowed THEN 0 ELSE 2 END)::smallint,
           coalesce(n.new_seq, g.first_seq),
           coalesce(n.new_nth, f.nth),
           CASE WHEN n.ord IS NOT NULL THEN moment ELSE f.ts END,
           g.epoch
    FROM given g
    LEFT JOIN numbered n ON n.ord = g.ord
    LEFT JOIN event f ON f.room = g.room AND f.seq = g.first_seq
    ORDER BY g.ord;
END
$$;
COMMENT ON FUNCTION timeline_append_set IS 'Appends a batch in one statement; for more than a few rows.';

CREATE FUNCTION timeline_append_loop(
    rooms uuid[], authors uuid[], cids text[], kinds smallint[], counts boolean[],
    refs bigint[], bodies text[],
    OUT outcomes smallint[], OUT seqs bigint[], OUT nths bigint[], OUT times timestamptz[],
    OUT epochs integer[]
) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    moment timestamptz;
    top bigint;
    counted bigint;
    room_epoch integer;
    first_seq bigint;
    first_nth bigint;
    first_ts timestamptz;
    moved boolean := false;
BEGIN
    FOR i IN 1 .. cardinality(rooms) LOOP
        IF i = 1 OR rooms[i] <> rooms[i - 1] THEN
            SELECT h.last_seq, h.countable, h.epoch INTO top, counted, room_epoch
            FROM room_head h WHERE h.room = rooms[i] FOR UPDATE;
            moment := date_trunc('milliseconds', clock_timestamp());
        END IF;
        epochs[i] := room_epoch;
        SELECT e.seq, e.nth, e.ts INTO first_seq, first_nth, first_ts FROM event e
        WHERE e.room = rooms[i] AND e.author = authors[i] AND e.cid = cids[i];
        IF FOUND THEN
            outcomes[i] := 1;
            seqs[i] := first_seq;
            nths[i] := first_nth;
            times[i] := first_ts;
        ELSIF top IS NULL OR (
            authors[i] <> '00000000-0000-0000-0000-000000000000'
            AND NOT EXISTS (SELECT 1 FROM member m
                            WHERE m.room = rooms[i] AND m.person = authors[i]))
        THEN
            outcomes[i] := 2;
            seqs[i] := NULL;
            nths[i] := NULL;
            times[i] := NULL;
        ELSE
            top := top + 1;
            counted := counted + counts[i]::integer;
            INSERT INTO event (room, author, seq, nth, ts, ref, kind, cid, body)
            VALUES (rooms[i], authors[i], top, counted, moment, refs[i], kinds[i], cids[i],
                    bodies[i]);
            moved := true;
            outcomes[i] := 0;
            seqs[i] := top;
            nths[i] := counted;
            times[i] := moment;
        END IF;
        IF moved AND (i = cardinality(rooms) OR rooms[i + 1] <> rooms[i]) THEN
            UPDATE room_head h SET last_seq = top, countable = counted WHERE h.room = rooms[i];
            moved := false;
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION timeline_append_loop IS 'Appends a few rows one by one; plain statements start almost free.';
