-- behaviour: funnels, sequences, sessions, retention, paths, attribution and states over one timeline.
-- See docs/behaviour.md.

CREATE FUNCTION cdp.funnel(timeline cdp.timeline, steps pg_catalog.text[], within pg_catalog.interval,
                           modes pg_catalog.text[] DEFAULT '{}') RETURNS pg_catalog.int4
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_funnel';
COMMENT ON FUNCTION cdp.funnel(cdp.timeline, pg_catalog.text[], pg_catalog.interval, pg_catalog.text[]) IS
  'The deepest step reached, counted from 1, the steps taken in their order and the last one at most "within" after the first; 0 without a first step. Modes and results are those of ClickHouse''s windowFunnel: strict_deduplication, strict_order, strict_once, strict_increase, and allow_reentry with strict_order. NULL when folded events could make it another one (funnel_bounds tells what is known), and for NULL. 22023 for no step, an unknown mode, or an interval that is negative or has months; 22004 for NULL in an array.';

CREATE FUNCTION cdp.funnel_bounds(timeline cdp.timeline, steps pg_catalog.text[], within pg_catalog.interval,
                                  modes pg_catalog.text[] DEFAULT '{}') RETURNS pg_catalog.int4range
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_funnel_bounds';
COMMENT ON FUNCTION cdp.funnel_bounds(cdp.timeline, pg_catalog.text[], pg_catalog.interval, pg_catalog.text[]) IS
  'The results of cdp.funnel that are possible, given what is folded: one number while nothing folded matters. NULL and errors as there.';

CREATE FUNCTION cdp.sequence_count(timeline cdp.timeline, steps pg_catalog.text[], within pg_catalog.interval)
RETURNS pg_catalog.int8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_sequence_count';
COMMENT ON FUNCTION cdp.sequence_count(cdp.timeline, pg_catalog.text[], pg_catalog.interval) IS
  'How often the steps were taken in their order, each at most "within" after the one before: the most chains that follow one another. An event counts for one step; events of one time count in whatever order suits. NULL when folded events could make it more, and for NULL. 22023 for no step, or an interval that is negative or has months; 22004 for NULL in the array.';

CREATE FUNCTION cdp.sequence_found(timeline cdp.timeline, steps pg_catalog.text[], within pg_catalog.interval)
RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_sequence_found';
COMMENT ON FUNCTION cdp.sequence_found(cdp.timeline, pg_catalog.text[], pg_catalog.interval) IS
  'Whether cdp.sequence_count is at least 1. NULL when it is not found but folded events could be part of one, and for NULL. Errors as there.';

CREATE FUNCTION cdp.sessions(timeline cdp.timeline, gap pg_catalog.interval)
RETURNS TABLE (session pg_catalog.int8, started_at pg_catalog.timestamptz, ended_at pg_catalog.timestamptz,
               duration pg_catalog.interval, events pg_catalog.int8)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 20 AS 'MODULE_PATHNAME', 'cdp_timeline_sessions';
COMMENT ON FUNCTION cdp.sessions(cdp.timeline, pg_catalog.interval) IS
  'Runs of events of any name that are at most "gap" apart, in order of time. Sessions that may have folded events in them are left out. No row for NULL. 22023 for an interval that is not positive or has months.';

CREATE FUNCTION cdp.retention(timeline cdp.timeline, cohort_event pg_catalog.text, return_event pg_catalog.text,
                              period pg_catalog.interval, periods pg_catalog.int4) RETURNS pg_catalog.bool[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_retention';
COMMENT ON FUNCTION cdp.retention(cdp.timeline, pg_catalog.text, pg_catalog.text, pg_catalog.interval, pg_catalog.int4) IS
  'Whether the return event happened in each of the periods [first + i × period, first + (i + 1) × period) after the first cohort event. NULL when that never happened, and for NULL; a NULL element when folded events leave it open, or the first cohort event has no finite time. 22023 for an interval that is not positive or has months, or periods not between 1 and 100000.';

CREATE FUNCTION cdp.paths(timeline cdp.timeline, n pg_catalog.int4)
RETURNS TABLE (path pg_catalog.text[], times pg_catalog.int8)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 20 AS 'MODULE_PATHNAME', 'cdp_timeline_paths';
COMMENT ON FUNCTION cdp.paths(cdp.timeline, pg_catalog.int4) IS
  'Each run of n events that follow one another, as their names, and how often it occurred; the most frequent first, then by the bytes of the names. Of the events after everything that is folded. No row for NULL. 22023 unless n is positive.';

CREATE FUNCTION cdp.attribution(timeline cdp.timeline, conversion pg_catalog.text, touch pg_catalog.text,
                                channel pg_catalog.text, model pg_catalog.text)
RETURNS TABLE (channel pg_catalog.text, conversions pg_catalog.float8)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'cdp_timeline_attribution';
COMMENT ON FUNCTION cdp.attribution(cdp.timeline, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text) IS
  'Which channels led to the conversions: each conversion event gives credits, 1 in sum, to the touch events up to its time, by the property that names their channel. Models: first, last, linear, position (40 % to the first and to the last), decay (half for each 7 days before the last). Channel NULL: touches that name none, conversions without a touch. Conversions whose credits depend on folded touches are left out. No row for NULL. 22023 for an unknown model.';

CREATE FUNCTION cdp.attribution(timeline cdp.timeline, conversion pg_catalog.text, touch pg_catalog.text,
                                channel pg_catalog.text, model pg_catalog.text, lookback pg_catalog.interval)
RETURNS TABLE (channel pg_catalog.text, conversions pg_catalog.float8)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'cdp_timeline_attribution';
COMMENT ON FUNCTION cdp.attribution(cdp.timeline, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.interval) IS
  'The same, of the touches at most "lookback" before the conversion. 22023 for an interval that is not positive or has months, too.';

CREATE FUNCTION cdp.time_in_state(timeline cdp.timeline, event pg_catalog.text, property pg_catalog.text,
                                  as_of pg_catalog.timestamptz)
RETURNS TABLE (state pg_catalog.text, duration pg_catalog.interval)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'cdp_timeline_time_in_state';
COMMENT ON FUNCTION cdp.time_in_state(cdp.timeline, pg_catalog.text, pg_catalog.text, pg_catalog.timestamptz) IS
  'How long each state lasted: an event begins the state that its property names, which lasts until the next one, the last until as_of. Events without the property say nothing. The time before the first kept event that tells a state is in none. No row for NULL. 22023 for an infinite as_of.';

CREATE FUNCTION cdp.time_in_state(timeline cdp.timeline, event pg_catalog.text, property pg_catalog.text,
                                  as_of pg_catalog.timestamptz, since pg_catalog.timestamptz)
RETURNS TABLE (state pg_catalog.text, duration pg_catalog.interval)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'cdp_timeline_time_in_state';
COMMENT ON FUNCTION cdp.time_in_state(cdp.timeline, pg_catalog.text, pg_catalog.text, pg_catalog.timestamptz, pg_catalog.timestamptz) IS
  'The same, of the time from since on.';
