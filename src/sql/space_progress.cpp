// src/sql/space_progress.cpp: what a job is at, and that nobody else is.
#include "sql/space_progress.hpp"

#include <string>

#include "pg/datum.hpp"
#include "pg/entry.hpp"
#include "pg/session_lock.hpp"

extern "C" {
#include "tcop/tcopprot.h"
#include "utils/acl.h"
#include "utils/backend_status.h"
#include "utils/lsyscache.h"
}

namespace pg = cdp::pg;
namespace sql = cdp::sql;

namespace {

constexpr std::int32_t kRun = 1667524706;            // as in cdp.lock_run
constexpr std::int64_t kBetweenNotices = 5'000'000;  // microseconds
// As the view cdp.progress reads it.
constexpr const char* kActivity = "cdp: %.*s of %.*s: %s: %lld of %lld";

}  // namespace

namespace cdp::sql {

void report_progress(std::string_view job, std::string_view space, const char* phase, std::int64_t done,
                     std::int64_t total) {
  static std::int64_t told = 0;
  static std::string last;
  const std::string name = std::string(job) + " " + std::string(space);
  pg::call([&] {
    const std::int64_t now = GetCurrentTimestamp();
    char text[512];
    snprintf(text, sizeof(text), kActivity, static_cast<int>(job.size()), job.data(), static_cast<int>(space.size()),
             space.data(), phase, static_cast<long long>(done), static_cast<long long>(total));
    pgstat_report_activity(STATE_RUNNING, text);
    // The first one after a while, so that short ones say nothing.
    if (now - told < kBetweenNotices && last == name) return;
    const bool begun = last == name && now - told < 2 * kBetweenNotices;
    told = now;
    if (!begun) return;
    if (total > 0) {
      ereport(NOTICE, (errmsg("%.*s: %s: %lld of %lld", static_cast<int>(job.size()), job.data(), phase,
                              static_cast<long long>(done), static_cast<long long>(total))));
    } else {
      ereport(NOTICE, (errmsg("%.*s: %s: %lld", static_cast<int>(job.size()), job.data(), phase,
                              static_cast<long long>(done))));
    }
  });
  last = name;
}

void end_progress() {
  pg::call([] { pgstat_report_activity(STATE_RUNNING, debug_query_string); });
}

}  // namespace cdp::sql

// report_progress(job, space, phase, done, total)
CDP_FUNCTION(cdp_space_report_progress) {
  if (PG_ARGISNULL(0)) {
    sql::end_progress();
    PG_RETURN_VOID();
  }
  for (int i = 1; i < 5; ++i)
    if (PG_ARGISNULL(i))
      ereport(ERROR,
              (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("space, phase, done and total must not be null")));
  const char* const phase = text_to_cstring(PG_GETARG_TEXT_PP(2));
  sql::report_progress(pg::text_of(PG_GETARG_DATUM(0)), pg::text_of(PG_GETARG_DATUM(1)), phase, PG_GETARG_INT64(3),
                       PG_GETARG_INT64(4));
  PG_RETURN_VOID();
}

// take_run_lock(run, for_session) -> taken; release_run_lock()
CDP_FUNCTION(cdp_space_take_run_lock) {
  const Oid run = PG_GETARG_OID(0);
  if (const AclResult result = pg_class_aclcheck(run, GetUserId(), ACL_INSERT); result != ACLCHECK_OK)
    aclcheck_error(result, OBJECT_TABLE, get_rel_name(run));
  const LOCKTAG tag = pg::lock_tag(kRun, run);
  if (PG_GETARG_BOOL(1)) PG_RETURN_BOOL(pg::take_session_lock(tag));
  PG_RETURN_BOOL(LockAcquire(&tag, ExclusiveLock, false, true) != LOCKACQUIRE_NOT_AVAIL);
}
CDP_FUNCTION(cdp_space_release_run_lock) {
  pg::release_session_lock();
  PG_RETURN_VOID();
}
