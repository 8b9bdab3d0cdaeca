-- One row for each open socket, written by $connect and removed by $disconnect.
CREATE TABLE connections (
    -- Compared byte by byte, whatever the database's language: pages end and begin between two ids.
    connection_id TEXT COLLATE "C" PRIMARY KEY,
    user_id       TEXT COLLATE "C" NOT NULL,
    -- Where to push to: {scheme}://{domain_name}/{stage}/@connections/{connection_id}.
    domain_name   TEXT COLLATE "C" NOT NULL,
    stage         TEXT NOT NULL,
    -- Milliseconds since 1970, as API Gateway has it.
    connected_at  BIGINT NOT NULL
);

-- The order in which a user's connections are paged.
CREATE INDEX connections_by_user ON connections (user_id, connected_at, connection_id);
