-- timeline: what the customer did. See docs/timeline.md.

CREATE TYPE cdp.timeline;

CREATE FUNCTION cdp.timeline_in(pg_catalog.cstring) RETURNS cdp.timeline
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_in';
CREATE FUNCTION cdp.timeline_out(cdp.timeline) RETURNS pg_catalog.cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_out';
CREATE FUNCTION cdp.timeline_recv(pg_catalog.internal) RETURNS cdp.timeline
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_recv';
CREATE FUNCTION cdp.timeline_send(cdp.timeline) RETURNS pg_catalog.bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_send';

COMMENT ON FUNCTION cdp.timeline_in(pg_catalog.cstring) IS 'I/O; 22P02 for text that is no timeline.';
COMMENT ON FUNCTION cdp.timeline_out(cdp.timeline) IS 'I/O; a JSON document that holds everything the timeline keeps.';
COMMENT ON FUNCTION cdp.timeline_recv(pg_catalog.internal) IS 'I/O; 22P03 for bytes that are no timeline.';
COMMENT ON FUNCTION cdp.timeline_send(cdp.timeline) IS 'I/O; binary form, independent of byte order.';

CREATE TYPE cdp.timeline (
  INPUT = cdp.timeline_in,
  OUTPUT = cdp.timeline_out,
  RECEIVE = cdp.timeline_recv,
  SEND = cdp.timeline_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = int4,
  STORAGE = external
);
COMMENT ON TYPE cdp.timeline IS
  'What one customer did: a set of events, each a name, a time, properties and perhaps a message id; of each name the newest 1000, and totals of the others.';

-- Making

CREATE FUNCTION cdp.event(event pg_catalog.text, at pg_catalog.timestamptz, properties pg_catalog.jsonb DEFAULT NULL,
                          message_id pg_catalog.text DEFAULT NULL) RETURNS cdp.timeline
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_event';
COMMENT ON FUNCTION cdp.event(pg_catalog.text, pg_catalog.timestamptz, pg_catalog.jsonb, pg_catalog.text) IS
  'The timeline of one event. NULL properties and message id are none; JSON null says nothing. 22004 for a NULL event or time, 22023 for properties that are no JSON object, 54001 for values nested deeper than 1000 levels.';

CREATE FUNCTION cdp.merge(cdp.timeline, cdp.timeline) RETURNS cdp.timeline
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_merge';
COMMENT ON FUNCTION cdp.merge(cdp.timeline, cdp.timeline) IS
  'The timeline of the events of both: associative and commutative; an event that both have counts once, unless it is folded. NULL if either is NULL. 54000 beyond 1 GB, 22003 for a sum beyond the range of numeric.';

CREATE OPERATOR pg_catalog.|| (
  LEFTARG = cdp.timeline, RIGHTARG = cdp.timeline, FUNCTION = cdp.merge, COMMUTATOR = OPERATOR(pg_catalog.||)
);
COMMENT ON OPERATOR pg_catalog.|| (cdp.timeline, cdp.timeline) IS 'merge two timelines';

CREATE FUNCTION cdp.cut(timeline cdp.timeline, before pg_catalog.timestamptz) RETURNS cdp.timeline
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_cut';
COMMENT ON FUNCTION cdp.cut(cdp.timeline, pg_catalog.timestamptz) IS
  'Folds the events before this time into totals, now and whenever the result is merged. An earlier cut stays where it is later. NULL for NULL.';

CREATE FUNCTION cdp.keep(timeline cdp.timeline, newest pg_catalog.int4) RETURNS cdp.timeline
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_keep';
COMMENT ON FUNCTION cdp.keep(cdp.timeline, pg_catalog.int4) IS
  'Keeps the newest events of each name, at most this many, now and whenever the result is merged; the others become totals. It never raises the limit, which is 1000 at first. NULL for NULL. 22023 unless newest is between 1 and 1000.';

CREATE FUNCTION cdp.timeline_agg_transition(cdp.timeline, pg_catalog.text, pg_catalog.timestamptz) RETURNS cdp.timeline
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'cdp_timeline_agg_transition';
CREATE FUNCTION cdp.timeline_agg_transition(cdp.timeline, pg_catalog.text, pg_catalog.timestamptz, pg_catalog.jsonb)
RETURNS cdp.timeline
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'cdp_timeline_agg_transition';
CREATE FUNCTION cdp.timeline_agg_transition(cdp.timeline, pg_catalog.text, pg_catalog.timestamptz, pg_catalog.jsonb,
                                            pg_catalog.text) RETURNS cdp.timeline
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'cdp_timeline_agg_transition';
CREATE FUNCTION cdp.timeline_agg_combine(cdp.timeline, cdp.timeline) RETURNS cdp.timeline
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_agg_combine';
CREATE FUNCTION cdp.timeline_agg_final(cdp.timeline) RETURNS cdp.timeline
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'cdp_timeline_agg_final';

COMMENT ON FUNCTION cdp.timeline_agg_transition(cdp.timeline, pg_catalog.text, pg_catalog.timestamptz) IS
  'Support of the aggregate timeline_agg; 42809 outside an aggregate.';
COMMENT ON FUNCTION cdp.timeline_agg_transition(cdp.timeline, pg_catalog.text, pg_catalog.timestamptz, pg_catalog.jsonb) IS
  'Support of the aggregate timeline_agg; 42809 outside an aggregate.';
COMMENT ON FUNCTION cdp.timeline_agg_transition(cdp.timeline, pg_catalog.text, pg_catalog.timestamptz, pg_catalog.jsonb, pg_catalog.text) IS
  'Support of the aggregate timeline_agg; 42809 outside an aggregate.';
COMMENT ON FUNCTION cdp.timeline_agg_combine(cdp.timeline, cdp.timeline) IS
  'Support of the aggregates timeline_agg and rollup; 42809 outside an aggregate.';
COMMENT ON FUNCTION cdp.timeline_agg_final(cdp.timeline) IS
  'Support of the aggregates timeline_agg and rollup; 42809 outside an aggregate.';

-- A state takes about a kilobyte for 20 rows. The planner is told more, because many groups are worked through faster in
-- sorted order than at random places of a large hash table (measured: 1.7 times).
CREATE AGGREGATE cdp.timeline_agg(event pg_catalog.text, at pg_catalog.timestamptz) (
  SFUNC = cdp.timeline_agg_transition,
  STYPE = cdp.timeline,
  SSPACE = 8192,
  COMBINEFUNC = cdp.timeline_agg_combine,
  FINALFUNC = cdp.timeline_agg_final,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE cdp.timeline_agg(pg_catalog.text, pg_catalog.timestamptz) IS
  'The timeline of the rows: each is an event, with name and time. NULL if there are none. 22004 for a NULL event or time.';

CREATE AGGREGATE cdp.timeline_agg(event pg_catalog.text, at pg_catalog.timestamptz, properties pg_catalog.jsonb) (
  SFUNC = cdp.timeline_agg_transition,
  STYPE = cdp.timeline,
  SSPACE = 8192,
  COMBINEFUNC = cdp.timeline_agg_combine,
  FINALFUNC = cdp.timeline_agg_final,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE cdp.timeline_agg(pg_catalog.text, pg_catalog.timestamptz, pg_catalog.jsonb) IS
  'The timeline of the rows: each is an event, with name, time and properties. NULL properties are none, JSON null says nothing; NULL if there are no rows. 22004 for a NULL event or time, 22023 for properties that are no JSON object.';

CREATE AGGREGATE cdp.timeline_agg(event pg_catalog.text, at pg_catalog.timestamptz, properties pg_catalog.jsonb,
                                  message_id pg_catalog.text) (
  SFUNC = cdp.timeline_agg_transition,
  STYPE = cdp.timeline,
  SSPACE = 8192,
  COMBINEFUNC = cdp.timeline_agg_combine,
  FINALFUNC = cdp.timeline_agg_final,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE cdp.timeline_agg(pg_catalog.text, pg_catalog.timestamptz, pg_catalog.jsonb, pg_catalog.text) IS
  'The timeline of the rows: each is an event, with name, time, properties and a message id that tells apart what is otherwise the same. NULL as message id is none. Otherwise as with three arguments.';

CREATE AGGREGATE cdp.rollup(timeline cdp.timeline) (
  SFUNC = cdp.timeline_agg_combine,
  STYPE = cdp.timeline,
  SSPACE = 8192,
  COMBINEFUNC = cdp.timeline_agg_combine,
  FINALFUNC = cdp.timeline_agg_final,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE cdp.rollup(cdp.timeline) IS
  'Merges timelines into one. NULLs are ignored; NULL if there is nothing else.';

-- Reading. Where folded events may lie in the window, what they leave open is NULL.

CREATE FUNCTION cdp.count(timeline cdp.timeline, event pg_catalog.text)
RETURNS pg_catalog.int8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_count';
COMMENT ON FUNCTION cdp.count(cdp.timeline, pg_catalog.text) IS
  'How often the event happened: exact, also when some of it is folded. 0 if never. NULL for NULL.';

CREATE FUNCTION cdp.count(timeline cdp.timeline, event pg_catalog.text, during pg_catalog.tstzrange)
RETURNS pg_catalog.int8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_count';
COMMENT ON FUNCTION cdp.count(cdp.timeline, pg_catalog.text, pg_catalog.tstzrange) IS
  'How often the event happened in the window. NULL when that depends on where folded events lie (count_bounds tells what is known), and for NULL.';

CREATE FUNCTION cdp.count_bounds(timeline cdp.timeline, event pg_catalog.text, during pg_catalog.tstzrange)
RETURNS pg_catalog.int8range
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_count_bounds';
COMMENT ON FUNCTION cdp.count_bounds(cdp.timeline, pg_catalog.text, pg_catalog.tstzrange) IS
  'The counts that are possible in the window: one number while nothing that is folded may lie in it. NULL for NULL.';

CREATE FUNCTION cdp.frequency(timeline cdp.timeline, event pg_catalog.text)
RETURNS pg_catalog.int8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_count';
COMMENT ON FUNCTION cdp.frequency(cdp.timeline, pg_catalog.text) IS
  'How often the event happened; the same as count. NULL for NULL.';

CREATE FUNCTION cdp.frequency(timeline cdp.timeline, event pg_catalog.text, during pg_catalog.tstzrange)
RETURNS pg_catalog.int8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_count';
COMMENT ON FUNCTION cdp.frequency(cdp.timeline, pg_catalog.text, pg_catalog.tstzrange) IS
  'How often the event happened in the window; the same as count. NULL when folded events may lie in the window, and for NULL.';

CREATE FUNCTION cdp.sum(timeline cdp.timeline, event pg_catalog.text, property pg_catalog.text)
RETURNS pg_catalog.numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_sum';
COMMENT ON FUNCTION cdp.sum(cdp.timeline, pg_catalog.text, pg_catalog.text) IS
  'The sum of a numeric property over all such events: exact, also when some of them are folded. Events without a number there are left out; 0 if there are no others. NULL for NULL.';

CREATE FUNCTION cdp.sum(timeline cdp.timeline, event pg_catalog.text, property pg_catalog.text, during pg_catalog.tstzrange)
RETURNS pg_catalog.numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_sum';
COMMENT ON FUNCTION cdp.sum(cdp.timeline, pg_catalog.text, pg_catalog.text, pg_catalog.tstzrange) IS
  'The sum of a numeric property over such events in the window; 0 if there are none. NULL when folded events may lie in the window, and for NULL.';

CREATE FUNCTION cdp.monetary(timeline cdp.timeline, event pg_catalog.text, property pg_catalog.text)
RETURNS pg_catalog.numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_sum';
COMMENT ON FUNCTION cdp.monetary(cdp.timeline, pg_catalog.text, pg_catalog.text) IS
  'What such events were worth together; the same as sum. NULL for NULL.';

CREATE FUNCTION cdp.monetary(timeline cdp.timeline, event pg_catalog.text, property pg_catalog.text, during pg_catalog.tstzrange)
RETURNS pg_catalog.numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_sum';
COMMENT ON FUNCTION cdp.monetary(cdp.timeline, pg_catalog.text, pg_catalog.text, pg_catalog.tstzrange) IS
  'What such events in the window were worth together; the same as sum. NULL when folded events may lie in the window, and for NULL.';

CREATE FUNCTION cdp.avg(timeline cdp.timeline, event pg_catalog.text, property pg_catalog.text)
RETURNS pg_catalog.numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_avg';
COMMENT ON FUNCTION cdp.avg(cdp.timeline, pg_catalog.text, pg_catalog.text) IS
  'The average of a numeric property over all such events that have a number there: exact, also when some of them are folded. NULL if there are none, and for NULL.';

CREATE FUNCTION cdp.avg(timeline cdp.timeline, event pg_catalog.text, property pg_catalog.text, during pg_catalog.tstzrange)
RETURNS pg_catalog.numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_avg';
COMMENT ON FUNCTION cdp.avg(cdp.timeline, pg_catalog.text, pg_catalog.text, pg_catalog.tstzrange) IS
  'The average of a numeric property over such events in the window; NULL if there are none. NULL when folded events may lie in the window, and for NULL.';

CREATE FUNCTION cdp.min(timeline cdp.timeline, event pg_catalog.text, property pg_catalog.text)
RETURNS pg_catalog.numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_min';
COMMENT ON FUNCTION cdp.min(cdp.timeline, pg_catalog.text, pg_catalog.text) IS
  'The least number that such an event has there. NULL if there is none, when folded events had one, and for NULL.';

CREATE FUNCTION cdp.min(timeline cdp.timeline, event pg_catalog.text, property pg_catalog.text, during pg_catalog.tstzrange)
RETURNS pg_catalog.numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_min';
COMMENT ON FUNCTION cdp.min(cdp.timeline, pg_catalog.text, pg_catalog.text, pg_catalog.tstzrange) IS
  'The least number that such an event in the window has there. NULL if there is none, when folded events with one may lie in the window, and for NULL.';

CREATE FUNCTION cdp.max(timeline cdp.timeline, event pg_catalog.text, property pg_catalog.text)
RETURNS pg_catalog.numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_max';
COMMENT ON FUNCTION cdp.max(cdp.timeline, pg_catalog.text, pg_catalog.text) IS
  'The greatest number that such an event has there. NULL if there is none, when folded events had one, and for NULL.';

CREATE FUNCTION cdp.max(timeline cdp.timeline, event pg_catalog.text, property pg_catalog.text, during pg_catalog.tstzrange)
RETURNS pg_catalog.numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_max';
COMMENT ON FUNCTION cdp.max(cdp.timeline, pg_catalog.text, pg_catalog.text, pg_catalog.tstzrange) IS
  'The greatest number that such an event in the window has there. NULL if there is none, when folded events with one may lie in the window, and for NULL.';

CREATE FUNCTION cdp.first(timeline cdp.timeline, event pg_catalog.text)
RETURNS pg_catalog.timestamptz
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_first';
COMMENT ON FUNCTION cdp.first(cdp.timeline, pg_catalog.text) IS
  'When the event happened first: exact, also when it is folded. NULL if never, and for NULL.';

CREATE FUNCTION cdp.first(timeline cdp.timeline, event pg_catalog.text, during pg_catalog.tstzrange)
RETURNS pg_catalog.timestamptz
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_first';
COMMENT ON FUNCTION cdp.first(cdp.timeline, pg_catalog.text, pg_catalog.tstzrange) IS
  'When the event happened first in the window. NULL if it did not, when folded events leave it open, and for NULL.';

CREATE FUNCTION cdp.last(timeline cdp.timeline, event pg_catalog.text)
RETURNS pg_catalog.timestamptz
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_last';
COMMENT ON FUNCTION cdp.last(cdp.timeline, pg_catalog.text) IS
  'When the event happened last: exact, also when it is folded. NULL if never, and for NULL.';

CREATE FUNCTION cdp.last(timeline cdp.timeline, event pg_catalog.text, during pg_catalog.tstzrange)
RETURNS pg_catalog.timestamptz
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_last';
COMMENT ON FUNCTION cdp.last(cdp.timeline, pg_catalog.text, pg_catalog.tstzrange) IS
  'When the event happened last in the window. NULL if it did not, when folded events leave it open, and for NULL.';

CREATE FUNCTION cdp.first_value(timeline cdp.timeline, event pg_catalog.text, property pg_catalog.text)
RETURNS pg_catalog.jsonb
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_first_value';
COMMENT ON FUNCTION cdp.first_value(cdp.timeline, pg_catalog.text, pg_catalog.text) IS
  'A property of the first such event. NULL if there is none, it has no such property, or it is folded, and for NULL.';

CREATE FUNCTION cdp.first_value(timeline cdp.timeline, event pg_catalog.text, property pg_catalog.text, during pg_catalog.tstzrange)
RETURNS pg_catalog.jsonb
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_first_value';
COMMENT ON FUNCTION cdp.first_value(cdp.timeline, pg_catalog.text, pg_catalog.text, pg_catalog.tstzrange) IS
  'A property of the first such event in the window. NULL if there is none, it has no such property, or it may be a folded one, and for NULL.';

CREATE FUNCTION cdp.last_value(timeline cdp.timeline, event pg_catalog.text, property pg_catalog.text)
RETURNS pg_catalog.jsonb
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_last_value';
COMMENT ON FUNCTION cdp.last_value(cdp.timeline, pg_catalog.text, pg_catalog.text) IS
  'A property of the last such event. NULL if there is none, it has no such property, or it is folded, and for NULL.';

CREATE FUNCTION cdp.last_value(timeline cdp.timeline, event pg_catalog.text, property pg_catalog.text, during pg_catalog.tstzrange)
RETURNS pg_catalog.jsonb
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_last_value';
COMMENT ON FUNCTION cdp.last_value(cdp.timeline, pg_catalog.text, pg_catalog.text, pg_catalog.tstzrange) IS
  'A property of the last such event in the window. NULL if there is none, it has no such property, or it may be a folded one, and for NULL.';

CREATE FUNCTION cdp.recency(timeline cdp.timeline, event pg_catalog.text, as_of pg_catalog.timestamptz)
RETURNS pg_catalog.interval
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_recency';
COMMENT ON FUNCTION cdp.recency(cdp.timeline, pg_catalog.text, pg_catalog.timestamptz) IS
  'How long before as_of the event happened last, in days and hours; events after as_of are not seen. NULL if it did not, when folded events leave it open, and for NULL. 22023 for an infinite as_of.';

CREATE FUNCTION cdp.horizon(timeline cdp.timeline, event pg_catalog.text)
RETURNS pg_catalog.timestamptz
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_horizon';
COMMENT ON FUNCTION cdp.horizon(cdp.timeline, pg_catalog.text) IS
  'The time of the latest folded event of this name: what is later is kept in full. NULL while nothing is folded, and for NULL.';

CREATE FUNCTION cdp.events(timeline cdp.timeline)
RETURNS TABLE (event pg_catalog.text, at pg_catalog.timestamptz, properties pg_catalog.jsonb, message_id pg_catalog.text)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 20 AS 'MODULE_PATHNAME', 'cdp_timeline_events';
COMMENT ON FUNCTION cdp.events(cdp.timeline) IS
  'The kept events in order of time, then of name. NULL properties and message id: none. No rows for NULL.';

CREATE FUNCTION cdp.totals(timeline cdp.timeline)
RETURNS TABLE (event pg_catalog.text, count pg_catalog.int8, first pg_catalog.timestamptz, last pg_catalog.timestamptz,
               folded pg_catalog.int8, horizon pg_catalog.timestamptz)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'cdp_timeline_totals';
COMMENT ON FUNCTION cdp.totals(cdp.timeline) IS
  'Per name: how often it happened, when first and last, how many of these are folded and until when (NULL: none). No rows for NULL.';
