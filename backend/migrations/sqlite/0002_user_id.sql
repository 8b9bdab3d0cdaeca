-- PostgreSQL keeps the word `user` for itself, and both have the same queries.
ALTER TABLE connections RENAME COLUMN user TO user_id;

-- The order in which a user's connections are paged.
DROP INDEX connections_by_user;
CREATE INDEX connections_by_user ON connections (user_id, connected_at, connection_id);
