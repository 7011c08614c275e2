-- Pictures of board posts, as they were made anew from what was sent (docs/decisions/0007).

CREATE TABLE board_post_picture (
    post    uuid NOT NULL REFERENCES board_post (id),
    ordinal smallint NOT NULL CHECK (ordinal BETWEEN 1 AND 4),
    width   integer NOT NULL CHECK (width BETWEEN 1 AND 1600),
    height  integer NOT NULL CHECK (height BETWEEN 1 AND 1600),
    sha256  bytea NOT NULL CHECK (length(sha256) = 32),
    bytes   bytea NOT NULL CHECK (length(bytes) BETWEEN 1 AND 524288),
    alt     text CHECK (length(alt) BETWEEN 1 AND 60),
    PRIMARY KEY (post, ordinal)
);
-- A JPEG does not get smaller by packing it.
ALTER TABLE board_post_picture ALTER COLUMN bytes SET STORAGE EXTERNAL;
COMMENT ON TABLE board_post_picture IS 'Pictures of board posts; written with the post and never changed.';
COMMENT ON COLUMN board_post_picture.post IS 'Which post.';
COMMENT ON COLUMN board_post_picture.ordinal IS 'Its place among the pictures of the post.';
COMMENT ON COLUMN board_post_picture.width IS 'Pixels.';
COMMENT ON COLUMN board_post_picture.height IS 'Pixels.';
COMMENT ON COLUMN board_post_picture.sha256 IS 'Of the bytes, to tell whether a copy is the same.';
COMMENT ON COLUMN board_post_picture.bytes IS 'JPEG without anything but its pixels.';
COMMENT ON COLUMN board_post_picture.alt IS 'What it shows, in the words of its author; null = none were given.';
