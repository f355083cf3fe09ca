-- Rules are rows; who is in them is a view.

CREATE TABLE unify.segment (name text PRIMARY KEY, rule cdp.segment NOT NULL, meaning text NOT NULL);

CREATE VIEW unify.member AS
SELECT s.name AS segment, c.profile_id AS customer FROM unify.segment s JOIN c360.customer c ON c.profile @@ s.rule;
