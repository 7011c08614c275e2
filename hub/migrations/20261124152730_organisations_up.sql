-- The way up the tree, which several queries walk.
CREATE FUNCTION organisation_up(start uuid) RETURNS TABLE (organisation uuid, distance integer)
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE up (organisation, distance) AS (
        SELECT start, 0
        UNION ALL
        SELECT v.parent, u.distance + 1 FROM up u
        JOIN organisation_version v ON v.organisation = u.organisation AND v.in_force
        WHERE v.parent IS NOT NULL
    )
    SELECT up.organisation, up.distance FROM up
$$;
COMMENT ON FUNCTION organisation_up IS 'An organisation (distance 0), the one above it (1), and so on to the root.';
