// The binary protocol as drivers use it: values and arrays fetched and sent in binary, COPY BINARY, and bytes that
// are no value.
#include <algorithm>
#include <cstdint>
#include <random>
#include <set>

#include "pg/session.hpp"

namespace {

using cdp::test::Outcome;
using cdp::test::Parameter;
using cdp::test::Session;

struct Type {
  const char *name, *send;
  bool canonical;  // what is accepted is sent back as the same bytes
  std::vector<std::string> samples;
};

std::ostream& operator<<(std::ostream& out, const Type& type) { return out << type.name; }

std::string observed(const char* attribute, const char* value, const char* source, int day) {
  return std::string("{\"attributes\": {\"") + attribute + "\": [{\"value\": " + value + ", \"source\": \"" + source +
         "\", \"last_seen\": \"2026-01-" + std::to_string(10 + day) + "T10:20:30Z\"}]}}";
}

// Profiles with several values, sources and units of time come from the aggregate in samples_of().
const Type kTypes[] = {
    {"cdp.profile",
     "cdp.profile_send",
     true,
     {"{}", observed("country", "\"TR\"", "crm", 1), observed("n", "-12.5e30", "shop", 2),
      R"({"identifiers": {"email": [{"value": "é", "source": "crm", "last_seen": "2026-01-01T00:00:00Z"}]},)"
      R"( "consents": {"ads": [{"granted": false, "source": "web", "at": "infinity"}]}, "detached": true})",
      R"({"totals": {"e": {"count": 2, "first": "2026-01-01T00:00:00Z", "last": "2026-01-02T00:00:00Z",)"
      R"( "sums": {"amount": {"sum": -1.5, "count": 1}}}}, "timeline": {"events": [{"event": "é", "at": "2026-01-03"}]}})",
      observed("address", R"({"city": "Šabac", "geo": [1, null, true, "\"\\"]})", "crm", 3)}},
    {"cdp.segment",
     "cdp.segment_send",
     false,
     {"a = 1", "country in (\"TR\", \"RS\") and not email is unknown",
      "any(tag) like \"a%\" or freshness(b) < 3 days or c from \"crm\" within last 3 months and d contains any "
      "(true, \"ş\")"}},
    {"cdp.audience", "cdp.audience_send", true, {"{}", "{1,2,3}", "{-5,1,2,3,4,5,6,70000,80000,9223372036854775807}"}},
    {"cdp.components",
     "cdp.components_send",
     true,
     {"[]", R"([["a"]])", R"([["a","b","c"],["d"],["é","ü x\""]])",
      R"([["cookie:1","user:1"],["cookie:10","cookie:2","user:2"],["device:00000000000000000000000000000001","x"]])"}},
    {"cdp.timeline",
     "cdp.timeline_send",
     true,
     {"{}", R"({"events": [{"event": "a", "at": "2026-01-10T10:20:30Z"}]})",
      R"({"events": [{"event": "á", "at": "2026-01-10T10:20:30.5Z", "properties": {"n": -1.25, "p": [1, null, true, "\"\\"]}},
                     {"event": "b", "at": "2026-01-11T00:00:00Z", "message_id": "m", "properties": {"n": "x"}}]})",
      R"({"events": [{"event": "a", "at": "2026-01-10T10:20:30Z"}], "keep": 1, "cut": "2025-01-01",
          "folded": [{"event": "a", "count": 2, "first": "2024-01-01", "horizon": "2024-06-01", "sums": {"n": {"sum": 1.5, "count": 1}}}]})"}},
};

std::string be32(std::uint32_t value) {
  std::string bytes(4, '\0');
  for (int i = 3; i >= 0; --i, value >>= 8) bytes[static_cast<std::size_t>(i)] = static_cast<char>(value);
  return bytes;
}

class Binary : public testing::TestWithParam<Type> {
 protected:
  const char* name() const { return GetParam().name; }
  std::string name_of_array() const { return std::string(name()) + "[]"; }

  std::vector<std::string> samples() const {
    std::vector<std::string> texts = GetParam().samples;
    if (GetParam().name == std::string("cdp.profile")) {
      for (const char* rows : {"40", "7"})  // more than an attribute keeps one by one, and fewer
        texts.push_back(session.text(
            std::string("SELECT cdp.profile_agg(jsonb_build_object('n', i, 'même', i % 3 = 0), 's' || i % 4, "
                        "'2026-01-01 00:00+00'::timestamptz + i * interval '1 minute') FROM generate_series(1, ") +
            rows + ") AS i"));
    }
    return texts;
  }

  // The wire form of a text, by the server's own cast and the type's send function.
  std::string sent(const std::string& text) const {
    const Outcome outcome =
        session.run(std::string("SELECT ") + GetParam().send + "($1::" + name() + ")", {{text}}, true);
    EXPECT_TRUE(outcome.ok()) << outcome.whole();
    return outcome.at(0).value_or("");
  }

  // A one-dimensional array on the wire.
  std::string array_of(const std::vector<std::optional<std::string>>& elements) const {
    const bool nulls = std::count(elements.begin(), elements.end(), std::nullopt) > 0;
    std::string bytes = be32(1) + be32(nulls ? 1 : 0) + be32(session.oid(name())) +
                        be32(static_cast<std::uint32_t>(elements.size())) + be32(1);
    for (const auto& element : elements)
      bytes += element ? be32(static_cast<std::uint32_t>(element->size())) + *element : be32(0xFFFFFFFF);
    return bytes;
  }

  Session session;
};

TEST_P(Binary, ValuesAreFetchedAndSent) {
  for (const std::string& text : samples()) {
    const std::string wire = sent(text);
    const Outcome fetched = session.run(std::string("SELECT $1::") + name(), {{text}}, true);
    EXPECT_EQ(PQftype(fetched.get(), 0), session.oid(name()));
    EXPECT_EQ(fetched.at(0), wire) << text;
    const Outcome back = session.run("SELECT $1, $1::text", {{wire, session.oid(name()), true}}, true);
    ASSERT_TRUE(back.ok()) << back.whole();
    EXPECT_EQ(back.at(0, 0), wire) << text;
    EXPECT_EQ(back.at(0, 1), session.run(std::string("SELECT $1::") + name(), {{text}}, false).at(0));
  }
  const Outcome null = session.run("SELECT $1", {{std::nullopt, session.oid(name()), true}}, true);
  EXPECT_TRUE(null.ok() && !null.at(0)) << null.whole();
}

TEST_P(Binary, ArraysAreFetchedAndSent) {
  std::vector<std::optional<std::string>> elements;
  std::string constructor;
  for (const std::string& text : samples()) {
    elements.insert(elements.end(), {sent(text), std::nullopt});
    const std::unique_ptr<char, void (*)(void*)> quoted(PQescapeLiteral(session.get(), text.data(), text.size()),
                                                        PQfreemem);
    constructor += std::string(quoted.get()) + ", NULL, ";
  }
  constructor.resize(constructor.size() - 2);
  const std::string wire = array_of(elements);
  const Outcome fetched = session.run("SELECT ARRAY[" + constructor + "]::" + name_of_array(), {}, true);
  ASSERT_TRUE(fetched.ok()) << fetched.whole();
  EXPECT_EQ(PQftype(fetched.get(), 0), session.oid(name_of_array()));
  EXPECT_EQ(fetched.at(0), wire);
  const Outcome back = session.run("SELECT $1, array_to_string($1, '|', '') = array_to_string(ARRAY[" + constructor +
                                       "]::" + name_of_array() + ", '|', '')",
                                   {{wire, session.oid(name_of_array()), true}}, true);
  ASSERT_TRUE(back.ok()) << back.whole();
  EXPECT_EQ(back.at(0, 0), wire);
  EXPECT_EQ(back.at(0, 1), std::string(1, '\1'));
  // One bad element makes the array bad.
  elements[0]->push_back('\xff');
  EXPECT_EQ(session.run("SELECT $1", {{array_of(elements), session.oid(name_of_array()), true}}, true).state(),
            "22P03");
}

TEST_P(Binary, ErrorsAreThoseOfTheType) {
  const std::string good = sent(samples()[1]);
  const auto outcome = [&](const std::string& bytes) {
    return session.run("SELECT $1", {{bytes, session.oid(name()), true}}, true);
  };
  for (const std::string& bad : {std::string(), good.substr(0, 1) + "\xc3\x28", good + '\0', good + "\xff",
                                 good.substr(0, 1) + be32(0xFFFFFFFF), good.substr(0, 1) + be32(0x7FFFFFFF)}) {
    EXPECT_EQ(outcome(bad).state(), "22P03") << outcome(bad).whole();
    EXPECT_NE(outcome(bad).message().find(name()), std::string::npos) << outcome(bad).whole();
  }
  std::string newer = good;
  newer[0] = 2;
  const std::string state = outcome(newer).state();
  EXPECT_TRUE(state == "22P03" || state == "0A000") << state;
  EXPECT_TRUE(session.alive());
}

// Feeds bytes that are derived from good values, or from nothing, and checks what comes back.
class Storm {
 public:
  Storm(const Session& session, const Type& type, std::vector<std::string> seeds)
      : session_(session), type_(type), seeds_(std::move(seeds)) {
    const Oid oid = session.oid(type.name);
    EXPECT_TRUE(Outcome(PQprepare(session.get(), "storm", "SELECT $1, $1::text", 1, &oid)).ok());
  }

  void send(const std::string& bytes) {
    const char* const value = bytes.data();
    const int length = static_cast<int>(bytes.size()), format = 1;
    const Outcome outcome(PQexecPrepared(session_.get(), "storm", 1, &value, &length, &format, 1));
    ++(outcome.ok() ? accepted : refused);
    if (outcome.ok() && type_.canonical) {
      EXPECT_EQ(outcome.at(0), bytes);
    } else if (!outcome.ok()) {
      static const std::set<std::string> kAllowed{"22P03", "22P02", "42601", "54000", "54001", "0A000"};
      EXPECT_EQ(kAllowed.count(outcome.state()), 1u) << outcome.whole();
    }
  }

  void every_truncation() {
    for (const std::string& seed : seeds_)
      for (std::size_t length = 0; length < seed.size(); ++length) send(seed.substr(0, length));
  }

  void random(unsigned seed, int rounds) {
    std::mt19937 random(seed);
    for (int round = 0; round < rounds; ++round) send(changed(random));
  }

  int accepted = 0, refused = 0;

 private:
  std::string changed(std::mt19937& random) {
    std::string bytes = seeds_[random() % seeds_.size()];
    const auto any = [&](std::size_t size) { return static_cast<std::size_t>(random() % size); };
    switch (random() % 6) {
      case 0:  // cut
        return bytes.substr(0, any(bytes.size()));
      case 1:  // extended
        for (std::size_t more = 1 + any(20); more > 0; --more) bytes.push_back(static_cast<char>(random()));
        return bytes;
      case 2:  // nothing of it is left but the version
        for (std::size_t i = 1; i < bytes.size(); ++i) bytes[i] = static_cast<char>(random());
        return bytes;
      case 3:  // a part of another one
        return bytes.substr(0, any(bytes.size())) + seeds_[random() % seeds_.size()].substr(1);
      default:
        for (std::size_t changes = 1 + any(4); changes > 0; --changes)
          bytes[any(bytes.size())] = static_cast<char>(random());
        return bytes;
    }
  }

  const Session& session_;
  const Type& type_;
  std::vector<std::string> seeds_;
};

TEST_P(Binary, HostileBytesAreRefusedAndLeaveNothing) {
  std::vector<std::string> seeds;
  for (const std::string& text : samples()) seeds.push_back(sent(text));
  Storm storm(session, GetParam(), seeds);
  storm.random(1, 2'000);
  storm.every_truncation();
  const long before = session.memory();
  storm.random(2, 10'000);
  EXPECT_LT(session.memory() - before, 2 << 20);
  EXPECT_GT(storm.refused, 6'000);
  EXPECT_GT(storm.accepted, 100);
  EXPECT_TRUE(session.alive());
}

INSTANTIATE_TEST_SUITE_P(Types, Binary, testing::ValuesIn(kTypes),
                         [](const auto& info) { return std::string(info.param.name).substr(4); });

// COPY … BINARY, out of the client's end and in again.
class Copy : public testing::Test {
 protected:
  std::string out(const std::string& table) {
    EXPECT_EQ(PQresultStatus(session.run("COPY " + table + " TO STDOUT (FORMAT binary)").get()), PGRES_COPY_OUT);
    std::string data;
    char* row = nullptr;
    for (int length; (length = PQgetCopyData(session.get(), &row, 0)) > 0; PQfreemem(row))
      data.append(row, static_cast<std::size_t>(length));
    finish();
    return data;
  }

  std::string in(const std::string& table, const std::string& data) {
    EXPECT_EQ(PQresultStatus(session.run("COPY " + table + " FROM STDIN (FORMAT binary)").get()), PGRES_COPY_IN);
    for (std::size_t from = 0; from < data.size(); from += 1000) {
      const std::size_t length = std::min<std::size_t>(1000, data.size() - from);
      EXPECT_EQ(PQputCopyData(session.get(), data.data() + from, static_cast<int>(length)), 1);
    }
    EXPECT_EQ(PQputCopyEnd(session.get(), nullptr), 1);
    return finish();
  }

  std::string finish() {
    std::string state = "00000";
    while (PGresult* const result = PQgetResult(session.get())) {
      const Outcome outcome(result);
      if (!outcome.ok()) state = outcome.state();
    }
    return state;
  }

  void SetUp() override {
    const Outcome made = session.run(R"(
      CREATE TEMPORARY TABLE origin AS
        SELECT i AS id, cdp.profile_agg(jsonb_build_object('n', i % 7, 'city', 'Niš ' || i, 'tags', ARRAY[j, i]),
                                        's' || j, timestamptz '2026-01-01 00:00Z' + j * interval '1 h') AS profile,
               ('n >= ' || i || ' or city = "Niš ' || i || '"')::cdp.segment AS segment,
               CASE WHEN i % 5 <> 0 THEN cdp.connected_components_agg('a' || j % 3, 'b' || i) END AS components,
               cdp.timeline_agg('e' || j % 2, timestamptz '2026-01-01 00:00Z' + i * j * interval '1 s', jsonb_build_object('n', j / 2.0)) AS timeline,
               ARRAY[NULL, 'a = ' || i]::cdp.segment[] AS segments
        FROM generate_series(1, 300) AS i, generate_series(1, 4) AS j GROUP BY i ORDER BY i;
      CREATE TEMPORARY TABLE copy (LIKE origin))");
    ASSERT_TRUE(made.ok()) << made.whole();
  }

  Session session;
};

TEST_F(Copy, RoundTrip) {
  const std::string data = out("origin");
  EXPECT_EQ(in("copy", data), "00000");
  EXPECT_EQ(session.text("SELECT count(*) FROM copy"), "300");
  EXPECT_EQ(session.text("SELECT count(*) FROM origin JOIN copy USING (id) WHERE origin::text = copy::text"), "300");
  EXPECT_EQ(session.text("SELECT count(*) FROM origin JOIN copy USING (id) "
                         "WHERE cdp.profile_send(origin.profile) = cdp.profile_send(copy.profile) "
                         "AND cdp.timeline_send(origin.timeline) = cdp.timeline_send(copy.timeline) "
                         "AND origin.segment = copy.segment"),
            "300");
  EXPECT_EQ(out("copy"), data);
}

TEST_F(Copy, ABadValueStopsIt) {
  session.run("DELETE FROM origin WHERE id > 1");
  const std::string data = out("origin"), profile = *session.run("SELECT profile FROM origin", {}, true).at(0);
  const std::size_t at = data.find(profile);
  ASSERT_NE(at, std::string::npos);
  for (std::size_t i = 1; i <= 4; ++i) {  // the number of attributes
    std::string changed = data;
    changed[at + i] = '\x7f';
    EXPECT_EQ(in("copy", changed), "22P03") << i;
  }
  EXPECT_EQ(session.text("SELECT count(*) FROM copy"), "0");
  EXPECT_TRUE(session.alive());
}

}  // namespace
