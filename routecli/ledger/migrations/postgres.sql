-- What the server lacks that SQLite has or that routecli adds to it. Runs once, before the first migration.
CREATE SCHEMA IF NOT EXISTS routecli;
CREATE TABLE schema_version (version BIGINT NOT NULL);
INSERT INTO schema_version VALUES (0);
-- The transactions that were carried out, by the name that their sender gave them: none is carried out twice.
CREATE TABLE applied (op TEXT COLLATE "C" PRIMARY KEY, at TIMESTAMPTZ NOT NULL DEFAULT now());
CREATE FUNCTION usd_add(text, text) RETURNS text LANGUAGE sql IMMUTABLE STRICT
    AS 'SELECT ($1::numeric + $2::numeric)::text';
CREATE FUNCTION usd_plus(numeric, text) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1 + $2::numeric';
CREATE FUNCTION usd_text(numeric) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1::text';
CREATE AGGREGATE usd_sum(text) (SFUNC = usd_plus, STYPE = numeric, FINALFUNC = usd_text, INITCOND = '0');
CREATE FUNCTION plus_true(bigint, boolean) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1 + $2::integer';
CREATE AGGREGATE sum(boolean) (SFUNC = plus_true, STYPE = bigint, INITCOND = '0');
CREATE AGGREGATE total(double precision) (SFUNC = float8pl, STYPE = double precision, INITCOND = '0');
CREATE FUNCTION max(bigint, bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT greatest($1, $2)';
