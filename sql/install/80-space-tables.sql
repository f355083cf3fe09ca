-- The tables of a space: plain ones of the caller, without triggers, of built-in types but for profile and timeline.
--
-- Names are of the default collation, as the columns that they are joined with, and indexed by their bytes
-- (text_pattern_ops): the order of a locale may change with the server's libraries, and its indexes are out of order
-- then. No primary key can be so: message_id, which is joined with nothing, is of the collation C, and of types there
-- are few.

CREATE FUNCTION cdp.space_tables(space pg_catalog.text) RETURNS pg_catalog.text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN pg_catalog.replace($ddl$
CREATE TABLE {space}.space (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  link_threshold double precision NOT NULL DEFAULT 0.9 CHECK (link_threshold BETWEEN 0 AND 1),
  review_threshold double precision NOT NULL DEFAULT 0.5 CHECK (review_threshold BETWEEN 0 AND link_threshold),
  max_identifiers integer NOT NULL DEFAULT 8 CHECK (max_identifiers BETWEEN 1 AND 64),
  max_closure integer NOT NULL DEFAULT 10000 CHECK (max_closure > 0),
  hub_alarm integer NOT NULL DEFAULT 1000 CHECK (hub_alarm > 0),
  blocked_values text[] NOT NULL DEFAULT '{"null",none,nil,nan,n/a,na,undefined,unknown,anonymous,guest,test,true,false,id,email,distinctid,distinct_id,not_authenticated,"[object object]",-1}',
  blocked_pattern text DEFAULT '^[0[:space:]_.:-]*$',
  region text CHECK (region ~ '^[A-Z]{2}$'),
  rules_version bigint NOT NULL DEFAULT 1
);
COMMENT ON TABLE {space}.space IS 'Settings of the space: one row.';
COMMENT ON COLUMN {space}.space.only_row IS 'Always true: there is one row.';
COMMENT ON COLUMN {space}.space.link_threshold IS 'From this confidence on a link joins customers.';
COMMENT ON COLUMN {space}.space.review_threshold IS 'From this confidence up to link_threshold a link is worth a look; below it is ignored.';
COMMENT ON COLUMN {space}.space.max_identifiers IS 'Identifiers that one observation may carry.';
COMMENT ON COLUMN {space}.space.max_closure IS 'Identifiers that are decided anew at a time while evidence comes in; what would take more is parked.';
COMMENT ON COLUMN {space}.space.hub_alarm IS 'In a customer of more identifiers than this, one that becomes a hub or ceases to be one is parked for a steward.';
COMMENT ON COLUMN {space}.space.blocked_values IS 'Values, with A to Z in lower case, that identify nobody, of whatever type.';
COMMENT ON COLUMN {space}.space.blocked_pattern IS 'Regular expression of values that identify nobody, of whatever type.';
COMMENT ON COLUMN {space}.space.region IS 'Country, ISO 3166-1, of telephone numbers without a country calling code; NULL: every number carries its own.';
COMMENT ON COLUMN {space}.space.rules_version IS 'Counts the changes of rules.';
INSERT INTO {space}.space DEFAULT VALUES;

CREATE TABLE {space}.source (
  source_id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  source text NOT NULL CHECK (source <> ''),
  priority integer NOT NULL DEFAULT 100 CHECK (priority >= 0),
  trusted boolean NOT NULL DEFAULT true
);
CREATE UNIQUE INDEX ON {space}.source (source pg_catalog.text_pattern_ops);
COMMENT ON TABLE {space}.source IS 'Where observations come from.';
COMMENT ON COLUMN {space}.source.source_id IS 'Number of the source.';
COMMENT ON COLUMN {space}.source.source IS 'Its name.';
COMMENT ON COLUMN {space}.source.priority IS 'Of links that are equal otherwise, those of the source with the least number come first.';
COMMENT ON COLUMN {space}.source.trusted IS 'Whether its links count for limits of degrees, and may unite two known customers.';
INSERT INTO {space}.source (source) VALUES ('default');

CREATE TABLE {space}.identifier_type (
  type text PRIMARY KEY CHECK (type <> ''),
  priority integer NOT NULL CHECK (priority >= 0),
  normaliser text CHECK (normaliser IN ('email', 'email_of_provider', 'phone')),
  max_per_profile integer CHECK (max_per_profile > 0),
  max_degree jsonb NOT NULL DEFAULT '{}' CHECK (pg_catalog.jsonb_typeof(max_degree) = 'object'),
  links boolean NOT NULL DEFAULT true,
  known boolean NOT NULL DEFAULT false,
  newest boolean NOT NULL DEFAULT false,
  blocked_values text[] NOT NULL DEFAULT '{}',
  blocked_pattern text
);
COMMENT ON TABLE {space}.identifier_type IS 'Types of identifiers and their guards.';
COMMENT ON COLUMN {space}.identifier_type.type IS 'Name of the type, such as email.';
COMMENT ON COLUMN {space}.identifier_type.priority IS 'Links between types of the least numbers come first.';
COMMENT ON COLUMN {space}.identifier_type.normaliser IS 'What makes one of several spellings: email, email_of_provider (as cdp.normalize_email, the latter with provider_rules), phone (as cdp.normalize_phone); NULL: nothing. What it cannot read is kept as it is, blocked.';
COMMENT ON COLUMN {space}.identifier_type.max_per_profile IS 'Identifiers of the type that a customer may have; NULL: any number.';
COMMENT ON COLUMN {space}.identifier_type.max_degree IS 'For other types, of how many neighbours an identifier of this type may have until it is a hub and joins nobody: {"user_id": 1}.';
COMMENT ON COLUMN {space}.identifier_type.links IS 'Whether its identifiers join customers, or are only kept.';
COMMENT ON COLUMN {space}.identifier_type.known IS 'Whether it marks a known person.';
COMMENT ON COLUMN {space}.identifier_type.newest IS 'Whether of its links those seen last come first, rather than those seen first.';
COMMENT ON COLUMN {space}.identifier_type.blocked_values IS 'Values, with A to Z in lower case, that identify nobody.';
COMMENT ON COLUMN {space}.identifier_type.blocked_pattern IS 'Regular expression of values that identify nobody.';
INSERT INTO {space}.identifier_type (type, priority, normaliser, max_per_profile, max_degree, known) VALUES
  ('user_id', 10, NULL, 1, '{}', true),
  ('email', 20, 'email', 5, '{}', false),
  ('phone', 30, 'phone', 5, '{}', false),
  ('device_id', 80, NULL, NULL, '{"user_id": 1}', false),
  ('anonymous_id', 90, NULL, NULL, '{"user_id": 1}', false);

CREATE TABLE {space}.profile (
  cluster_id bigint PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
  profile_id bigint NOT NULL UNIQUE,
  profile cdp.profile NOT NULL DEFAULT '{}',
  timeline cdp.timeline NOT NULL DEFAULT '{}',
  members integer NOT NULL DEFAULT 1 CHECK (members > 0),
  known boolean NOT NULL DEFAULT false,
  walled boolean NOT NULL DEFAULT false,
  weights jsonb NOT NULL DEFAULT '{}',
  last_link_a bigint,
  last_link_b bigint,
  last_link_rank bigint[]
) WITH (fillfactor = 80);
COMMENT ON TABLE {space}.profile IS 'Customers: one row each.';
COMMENT ON COLUMN {space}.profile.cluster_id IS 'What identifiers point at; of no meaning outside.';
COMMENT ON COLUMN {space}.profile.profile_id IS 'The customer: the least id of the identifiers.';
COMMENT ON COLUMN {space}.profile.profile IS 'Golden record, with what every source said.';
COMMENT ON COLUMN {space}.profile.timeline IS 'Events.';
COMMENT ON COLUMN {space}.profile.members IS 'Number of identifiers.';
COMMENT ON COLUMN {space}.profile.known IS 'Whether one of the identifiers marks a known person.';
COMMENT ON COLUMN {space}.profile.walled IS 'Whether a cannot-link may be about one of the identifiers.';
COMMENT ON COLUMN {space}.profile.weights IS 'For each type of identifier with a limit, how many count towards it.';
COMMENT ON COLUMN {space}.profile.last_link_a IS 'One end of the link of the lowest rank that united the customer.';
COMMENT ON COLUMN {space}.profile.last_link_b IS 'The other end.';
COMMENT ON COLUMN {space}.profile.last_link_rank IS 'Its rank at that time, whatever was sighted of it since.';

CREATE TABLE {space}.identifier (
  id bigint PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
  type text NOT NULL,
  value text NOT NULL,
  cluster_id bigint NOT NULL REFERENCES {space}.profile,
  blocked boolean NOT NULL DEFAULT false,
  hub boolean NOT NULL DEFAULT false,
  flip_parked boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX ON {space}.identifier (type pg_catalog.text_pattern_ops, value pg_catalog.text_pattern_ops);
CREATE INDEX ON {space}.identifier (cluster_id, type pg_catalog.text_pattern_ops);
CREATE INDEX ON {space}.identifier (id) WHERE blocked;
CREATE INDEX ON {space}.identifier (id) WHERE hub;
CREATE INDEX ON {space}.identifier (id) WHERE flip_parked;
ALTER TABLE {space}.identifier ALTER COLUMN value SET STATISTICS 0;
COMMENT ON TABLE {space}.identifier IS 'Identifiers of customers.';
COMMENT ON COLUMN {space}.identifier.id IS 'Number of the identifier; it never changes.';
COMMENT ON COLUMN {space}.identifier.type IS 'Its type, of the table identifier_type.';
COMMENT ON COLUMN {space}.identifier.value IS 'Its value.';
COMMENT ON COLUMN {space}.identifier.cluster_id IS 'The customer, of the table profile.';
COMMENT ON COLUMN {space}.identifier.blocked IS 'The value identifies nobody.';
COMMENT ON COLUMN {space}.identifier.hub IS 'It has too many neighbours to join customers.';
COMMENT ON COLUMN {space}.identifier.flip_parked IS 'Its neighbours say otherwise than hub does; a steward or cdp.resolve decides.';
COMMENT ON COLUMN {space}.identifier.created_at IS 'When it came in.';

CREATE TABLE {space}.link (
  a bigint NOT NULL,
  b bigint NOT NULL CHECK (a < b),
  source_id integer NOT NULL,
  rule integer NOT NULL DEFAULT 0,
  confidence double precision NOT NULL DEFAULT 1 CHECK (confidence BETWEEN 0 AND 1),
  first_seen timestamptz NOT NULL,
  last_seen timestamptz NOT NULL,
  times bigint NOT NULL DEFAULT 1,
  rejected boolean NOT NULL DEFAULT false,
  PRIMARY KEY (a, b, source_id, rule)
);
CREATE INDEX ON {space}.link (b);
COMMENT ON TABLE {space}.link IS 'Evidence that two identifiers are of one person; merging customers never rewrites it.';
COMMENT ON COLUMN {space}.link.a IS 'One identifier, the lesser id.';
COMMENT ON COLUMN {space}.link.b IS 'The other identifier.';
COMMENT ON COLUMN {space}.link.source_id IS 'Who said so, of the table source.';
COMMENT ON COLUMN {space}.link.rule IS 'The rule that found it; 0: both were in one observation.';
COMMENT ON COLUMN {space}.link.confidence IS 'How sure it is, from 0 to 1.';
COMMENT ON COLUMN {space}.link.first_seen IS 'When it was seen first.';
COMMENT ON COLUMN {space}.link.last_seen IS 'When it was seen last; may lag behind.';
COMMENT ON COLUMN {space}.link.times IS 'How often it was seen; may lag behind.';
COMMENT ON COLUMN {space}.link.rejected IS 'A steward said that it counts for nothing.';

CREATE TABLE {space}.part (
  part_id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  source_id integer NOT NULL,
  row_key text,
  identifiers bigint[] NOT NULL,
  anchor bigint NOT NULL,
  profile cdp.profile NOT NULL DEFAULT '{}',
  timeline cdp.timeline NOT NULL DEFAULT '{}'
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX ON {space}.part (source_id, row_key pg_catalog.text_pattern_ops) WHERE row_key IS NOT NULL;
CREATE UNIQUE INDEX ON {space}.part (source_id, identifiers) WHERE row_key IS NULL;
CREATE INDEX ON {space}.part (anchor);
COMMENT ON TABLE {space}.part IS 'What one source said with one set of identifiers, or in one row: a customer is made of the parts anchored in it.';
COMMENT ON COLUMN {space}.part.part_id IS 'Number of the part.';
COMMENT ON COLUMN {space}.part.source_id IS 'Who said it, of the table source.';
COMMENT ON COLUMN {space}.part.row_key IS 'Of a table: the key of the row.';
COMMENT ON COLUMN {space}.part.identifiers IS 'The identifiers that came along, ascending.';
COMMENT ON COLUMN {space}.part.anchor IS 'The identifier whose customer it belongs to.';
COMMENT ON COLUMN {space}.part.profile IS 'Attributes.';
COMMENT ON COLUMN {space}.part.timeline IS 'Events.';

CREATE TABLE {space}.decision (
  decision_id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  kind text NOT NULL CHECK (kind IN ('must', 'cannot', 'cannot_lists', 'reject')),
  reason text,
  actor text NOT NULL DEFAULT CURRENT_USER,
  at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  withdrawn_at timestamptz,
  withdrawn_by text,
  replaced_by bigint
);
CREATE INDEX ON {space}.decision (replaced_by) WHERE replaced_by IS NOT NULL;
COMMENT ON TABLE {space}.decision IS 'What stewards decided.';
COMMENT ON COLUMN {space}.decision.decision_id IS 'Number of the decision.';
COMMENT ON COLUMN {space}.decision.kind IS 'must: the two are one; cannot: they are not; cannot_lists: nobody of the one list is anybody of the other; reject: the link counts for nothing.';
COMMENT ON COLUMN {space}.decision.reason IS 'Why.';
COMMENT ON COLUMN {space}.decision.actor IS 'Who decided.';
COMMENT ON COLUMN {space}.decision.at IS 'When.';
COMMENT ON COLUMN {space}.decision.withdrawn_at IS 'When it ceased to hold: undone, or replaced by a later one about the same pair.';
COMMENT ON COLUMN {space}.decision.withdrawn_by IS 'Who withdrew it.';
COMMENT ON COLUMN {space}.decision.replaced_by IS 'The decision that replaced it.';

CREATE TABLE {space}.decision_side (
  decision_id bigint NOT NULL REFERENCES {space}.decision,
  identifier_id bigint NOT NULL,
  is_right boolean NOT NULL,
  PRIMARY KEY (identifier_id, decision_id)
);
CREATE INDEX ON {space}.decision_side (decision_id);
COMMENT ON TABLE {space}.decision_side IS 'Whom decisions are about.';
COMMENT ON COLUMN {space}.decision_side.decision_id IS 'The decision.';
COMMENT ON COLUMN {space}.decision_side.identifier_id IS 'An identifier.';
COMMENT ON COLUMN {space}.decision_side.is_right IS 'Which side it stands on.';

CREATE TABLE {space}.decision_link (
  decision_id bigint NOT NULL REFERENCES {space}.decision,
  a bigint NOT NULL,
  b bigint NOT NULL,
  source_id integer NOT NULL,
  rule integer NOT NULL,
  PRIMARY KEY (decision_id, a, b, source_id, rule)
);
CREATE INDEX ON {space}.decision_link (a, b, source_id, rule);
COMMENT ON TABLE {space}.decision_link IS 'The evidence that decisions reject.';
COMMENT ON COLUMN {space}.decision_link.decision_id IS 'The decision.';
COMMENT ON COLUMN {space}.decision_link.a IS 'One end of the link, the lesser id.';
COMMENT ON COLUMN {space}.decision_link.b IS 'The other end.';
COMMENT ON COLUMN {space}.decision_link.source_id IS 'The source of the link.';
COMMENT ON COLUMN {space}.decision_link.rule IS 'The rule that found it.';

CREATE TABLE {space}.change (
  change_id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  cause text NOT NULL CHECK (cause IN ('link', 'decision', 'rules', 'removal', 'run')),
  link_a bigint,
  link_b bigint,
  source_id integer,
  decision_id bigint,
  run_id bigint,
  actor text NOT NULL DEFAULT CURRENT_USER,
  at timestamptz NOT NULL
);
CREATE INDEX ON {space}.change (at);
COMMENT ON TABLE {space}.change IS 'What made customers one, or several: the log of merges and splits.';
COMMENT ON COLUMN {space}.change.change_id IS 'Number of the change.';
COMMENT ON COLUMN {space}.change.cause IS 'What caused it: new evidence, a decision, changed rules, evidence that was removed, or a run of cdp.resolve.';
COMMENT ON COLUMN {space}.change.link_a IS 'One end of the first link that caused it; the table change_link has all.';
COMMENT ON COLUMN {space}.change.link_b IS 'The other end.';
COMMENT ON COLUMN {space}.change.source_id IS 'The source of that link.';
COMMENT ON COLUMN {space}.change.decision_id IS 'The decision that caused it.';
COMMENT ON COLUMN {space}.change.run_id IS 'The run that caused it.';
COMMENT ON COLUMN {space}.change.actor IS 'The role that ran the statement.';
COMMENT ON COLUMN {space}.change.at IS 'When, under the locks of the customers concerned.';

CREATE TABLE {space}.change_link (
  change_id bigint NOT NULL REFERENCES {space}.change,
  a bigint NOT NULL,
  b bigint NOT NULL,
  source_id integer NOT NULL,
  rule integer NOT NULL,
  PRIMARY KEY (change_id, a, b, source_id, rule)
);
COMMENT ON TABLE {space}.change_link IS 'The new evidence that caused changes.';
COMMENT ON COLUMN {space}.change_link.change_id IS 'The change.';
COMMENT ON COLUMN {space}.change_link.a IS 'One end of the link, the lesser id.';
COMMENT ON COLUMN {space}.change_link.b IS 'The other end.';
COMMENT ON COLUMN {space}.change_link.source_id IS 'The source of the link.';
COMMENT ON COLUMN {space}.change_link.rule IS 'The rule that found it.';

CREATE TABLE {space}.move (
  change_id bigint NOT NULL,
  identifier_id bigint NOT NULL,
  from_cluster bigint NOT NULL,
  to_cluster bigint NOT NULL,
  from_profile bigint NOT NULL,
  to_profile bigint NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (identifier_id, change_id)
);
CREATE INDEX ON {space}.move (change_id);
CREATE INDEX ON {space}.move (from_cluster, change_id);
COMMENT ON TABLE {space}.move IS 'Identifiers that changes gave to another customer. The larger side of a merge stays where it is: see rename.';
COMMENT ON COLUMN {space}.move.change_id IS 'The change.';
COMMENT ON COLUMN {space}.move.identifier_id IS 'The identifier.';
COMMENT ON COLUMN {space}.move.from_cluster IS 'Its cluster before.';
COMMENT ON COLUMN {space}.move.to_cluster IS 'Its cluster since.';
COMMENT ON COLUMN {space}.move.from_profile IS 'Its customer before.';
COMMENT ON COLUMN {space}.move.to_profile IS 'Its customer since.';
COMMENT ON COLUMN {space}.move.at IS 'When.';

CREATE TABLE {space}.rename (
  change_id bigint NOT NULL,
  cluster_id bigint NOT NULL,
  from_profile bigint NOT NULL,
  to_profile bigint NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (cluster_id, change_id)
);
CREATE INDEX ON {space}.rename (change_id);
COMMENT ON TABLE {space}.rename IS 'Customers whose least identifier changed, for all their identifiers that did not move.';
COMMENT ON COLUMN {space}.rename.change_id IS 'The change.';
COMMENT ON COLUMN {space}.rename.cluster_id IS 'The cluster.';
COMMENT ON COLUMN {space}.rename.from_profile IS 'The customer before.';
COMMENT ON COLUMN {space}.rename.to_profile IS 'The customer since.';
COMMENT ON COLUMN {space}.rename.at IS 'When.';

CREATE TABLE {space}.event (
  event_id bigint GENERATED ALWAYS AS IDENTITY,
  at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  source_id integer NOT NULL,
  kind text NOT NULL,
  event text,
  message_id text,
  identifiers bigint[] NOT NULL,
  part_id bigint,
  payload jsonb NOT NULL,
  PRIMARY KEY (event_id, at)
) PARTITION BY RANGE (at);
CREATE INDEX ON {space}.event (part_id, at);
ALTER TABLE {space}.event ALTER COLUMN payload SET STATISTICS 0;
COMMENT ON TABLE {space}.event IS 'Events as they came in, by month; see cdp.add_event_partitions.';
COMMENT ON COLUMN {space}.event.event_id IS 'Number of the event.';
COMMENT ON COLUMN {space}.event.at IS 'When it happened, by the clock of the receiver.';
COMMENT ON COLUMN {space}.event.received_at IS 'When it arrived.';
COMMENT ON COLUMN {space}.event.source_id IS 'Where it came from, of the table source.';
COMMENT ON COLUMN {space}.event.kind IS 'identify, track, page, screen, group, alias, or cloud for a CloudEvent.';
COMMENT ON COLUMN {space}.event.event IS 'What was done; NULL for identify and alias.';
COMMENT ON COLUMN {space}.event.message_id IS 'By which it is told when it comes again.';
COMMENT ON COLUMN {space}.event.identifiers IS 'The identifiers that it named, ascending.';
COMMENT ON COLUMN {space}.event.part_id IS 'The part that it belongs to, and so the customer; NULL: it identifies nobody.';
COMMENT ON COLUMN {space}.event.payload IS 'The whole event as it was sent.';
CREATE TABLE {space}.event_default (LIKE {space}.event INCLUDING DEFAULTS INCLUDING COMMENTS INCLUDING STORAGE);
ALTER TABLE {space}.event ATTACH PARTITION {space}.event_default DEFAULT;
COMMENT ON TABLE {space}.event_default IS 'Events of months that have no partition of their own.';

CREATE TABLE {space}.message (
  source_id integer NOT NULL,
  message_id text COLLATE pg_catalog."C" NOT NULL,
  digest bigint NOT NULL,
  received_at timestamptz NOT NULL,
  PRIMARY KEY (source_id, message_id)
);
CREATE INDEX ON {space}.message USING brin (received_at);
ALTER TABLE {space}.message ALTER COLUMN message_id SET STATISTICS 0;
COMMENT ON TABLE {space}.message IS 'Events that were stored, so that none is stored twice; see cdp.forget_messages.';
COMMENT ON COLUMN {space}.message.source_id IS 'Where it came from, of the table source.';
COMMENT ON COLUMN {space}.message.message_id IS 'The id that its sender gave it.';
COMMENT ON COLUMN {space}.message.digest IS 'Hash of what it said.';
COMMENT ON COLUMN {space}.message.received_at IS 'When it arrived.';

CREATE TABLE {space}.inbox (
  inbox_id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  source text NOT NULL DEFAULT 'default',
  received_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  event text NOT NULL
);
ALTER TABLE {space}.inbox ALTER COLUMN event SET STATISTICS 0;
COMMENT ON TABLE {space}.inbox IS 'Events that wait for cdp.drain: COPY or INSERT them here.';
COMMENT ON COLUMN {space}.inbox.inbox_id IS 'Number of the row.';
COMMENT ON COLUMN {space}.inbox.source IS 'Name of the source, of the table source.';
COMMENT ON COLUMN {space}.inbox.received_at IS 'When it arrived.';
COMMENT ON COLUMN {space}.inbox.event IS 'JSON: an event, a batch or an array of events. What is no JSON is refused when it is digested, alone.';

CREATE TABLE {space}.rejected (
  rejected_id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  source text NOT NULL,
  received_at timestamptz NOT NULL,
  reason text NOT NULL,
  detail text NOT NULL,
  hint text,
  event text NOT NULL
);
ALTER TABLE {space}.rejected ALTER COLUMN event SET STATISTICS 0;
COMMENT ON TABLE {space}.rejected IS 'Events out of the inbox that were not taken. Correct and INSERT them into inbox again, or DELETE them.';
COMMENT ON COLUMN {space}.rejected.rejected_id IS 'Number of the row.';
COMMENT ON COLUMN {space}.rejected.at IS 'When it was refused.';
COMMENT ON COLUMN {space}.rejected.source IS 'Name of its source.';
COMMENT ON COLUMN {space}.rejected.received_at IS 'When it arrived.';
COMMENT ON COLUMN {space}.rejected.reason IS 'Why, as a word.';
COMMENT ON COLUMN {space}.rejected.detail IS 'Why, as a sentence.';
COMMENT ON COLUMN {space}.rejected.hint IS 'What to do.';
COMMENT ON COLUMN {space}.rejected.event IS 'The event.';

CREATE TABLE {space}.dirty (
  dirty_id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  identifier_id bigint NOT NULL,
  other_id bigint,
  cause text NOT NULL CHECK (cause IN ('parked', 'rules', 'links', 'run', 'refused')),
  detail text,
  at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
CREATE INDEX ON {space}.dirty (identifier_id) WHERE cause = 'refused';
COMMENT ON TABLE {space}.dirty IS 'Identifiers about which cdp.resolve has yet to decide.';
COMMENT ON COLUMN {space}.dirty.dirty_id IS 'Number of the row.';
COMMENT ON COLUMN {space}.dirty.identifier_id IS 'The identifier.';
COMMENT ON COLUMN {space}.dirty.other_id IS 'Of a link: its other end.';
COMMENT ON COLUMN {space}.dirty.cause IS 'parked: to decide it at once would have taken more than max_closure identifiers; rules: a rule has changed; links: evidence came in bulk; run: cdp.resolve found it decided otherwise; refused: cdp.resolve could not decide it, and tries again each time.';
COMMENT ON COLUMN {space}.dirty.detail IS 'Why it was refused, with the SQLSTATE.';
COMMENT ON COLUMN {space}.dirty.at IS 'Since when.';

CREATE TABLE {space}.run (
  run_id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  job text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  finished_at timestamptz,
  outcome text CHECK (outcome IN ('finished', 'time limit', 'dry run', 'broken off')),
  counts jsonb NOT NULL DEFAULT '{}',
  seconds jsonb NOT NULL DEFAULT '{}',
  actor text NOT NULL DEFAULT CURRENT_USER,
  pid integer NOT NULL DEFAULT pg_catalog.pg_backend_pid()
);
COMMENT ON TABLE {space}.run IS 'Runs of jobs; what they do now, even before they commit, is in cdp.progress.';
COMMENT ON COLUMN {space}.run.run_id IS 'Number of the run.';
COMMENT ON COLUMN {space}.run.job IS 'What ran, such as resolve.';
COMMENT ON COLUMN {space}.run.started_at IS 'Since when.';
COMMENT ON COLUMN {space}.run.finished_at IS 'Until when; NULL while it runs. Of one that was broken off: when the next one found it.';
COMMENT ON COLUMN {space}.run.outcome IS 'finished; time limit: there is more to do; dry run: nothing was changed; broken off: by an error or a crash, after what it had committed. NULL while it runs, and until the next one begins.';
COMMENT ON COLUMN {space}.run.counts IS 'What it has done so far.';
COMMENT ON COLUMN {space}.run.seconds IS 'How long its steps took so far.';
COMMENT ON COLUMN {space}.run.actor IS 'The role that ran it.';
COMMENT ON COLUMN {space}.run.pid IS 'Number of its server process.';
$ddl$, '{space}', space);
COMMENT ON FUNCTION cdp.space_tables(pg_catalog.text) IS
  'The statements that make the tables of a space, whose name is given as in SQL, quoted where need be. NULL for NULL.';
