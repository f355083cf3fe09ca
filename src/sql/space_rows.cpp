// src/sql/space_rows.cpp: which rows of a space are read and overwritten without the executor.
#include "sql/space_rows.hpp"

#include "sql/space_name.hpp"

namespace cdp::sql {

namespace direct = pg::direct;
namespace query = pg::query;

const direct::Table kIdentifierRows{"identifier",
                                    2,
                                    {{"type", TEXTOID},
                                     {"value", TEXTOID},
                                     {"id", INT8OID},
                                     {"cluster_id", INT8OID},
                                     {"hub", BOOLOID},
                                     {"blocked", BOOLOID}}};
const direct::Table kProfileRows{
    "profile",
    1,
    {{"cluster_id", INT8OID}, {"profile_id", INT8OID}, {"profile", query::kProfile}, {"timeline", query::kTimeline}},
    2,
    ACL_SELECT | ACL_UPDATE};
const direct::Table kLinkRows{"link",
                              4,
                              {{"a", INT8OID},
                               {"b", INT8OID},
                               {"source_id", INT4OID},
                               {"rule", INT4OID},
                               {"confidence", FLOAT8OID},
                               {"first_seen", TIMESTAMPTZOID},
                               {"last_seen", TIMESTAMPTZOID}}};
const direct::Table kPartRows{"part",
                              2,
                              {{"source_id", INT4OID},
                               {"identifiers", INT8ARRAYOID},
                               {"part_id", INT8OID},
                               {"anchor", INT8OID},
                               {"profile", query::kProfile},
                               {"timeline", query::kTimeline}},
                              4,
                              ACL_SELECT | ACL_INSERT | ACL_UPDATE,
                              "row_key"};

namespace {

Datum text_datum(std::string_view text) {
  return PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size())));
}

}  // namespace

bool find_name(direct::Open& table, Name& name) {
  const HeapTuple row = table.find({text_datum(name.type), text_datum(name.value)});
  if (row == nullptr) return false;
  name.id = DatumGetInt64(table.value(row, 2));
  name.cluster = DatumGetInt64(table.value(row, 3));
  name.hub = DatumGetBool(table.value(row, 4));
  name.blocked = DatumGetBool(table.value(row, 5));
  return true;
}

bool is_known(direct::Open& table, const Pair& pair) {
  const HeapTuple row =
      table.find({Int64GetDatum(pair.a), Int64GetDatum(pair.b), Int32GetDatum(pair.source_id), Int32GetDatum(0)});
  return row != nullptr && DatumGetFloat8(table.value(row, 4)) == 1 &&
         DatumGetTimestampTz(table.value(row, 5)) <= pair.first_seen &&
         DatumGetTimestampTz(table.value(row, 6)) >= pair.last_seen;
}

bool OpenRows::begin(const query::Schema& schema, std::initializer_list<One> all) {
  return pg::call([&] {
    for (const One& one : all) {
      if (XactReadOnly || !one.open->open(schema, *one.table)) {
        while (count_ > 0) all_[--count_]->close();
        return false;
      }
      all_[count_++] = one.open;
    }
    CommandCounterIncrement();
    PushActiveSnapshot(GetTransactionSnapshot());
    for (std::size_t i = 0; i < count_; ++i) all_[i]->begin(GetActiveSnapshot());
    return true;
  });
}

void OpenRows::end() {
  pg::call([this] {
    while (count_ > 0) all_[--count_]->close();
    PopActiveSnapshot();
    CommandCounterIncrement();
  });
}

}  // namespace cdp::sql
