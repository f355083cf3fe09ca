// What is wrong with an event, and how it is said; what nobody sends in good faith.
#include <gtest/gtest.h>

#include <algorithm>

#include "event_reading.hpp"
#include "scarce.hpp"

namespace cdp::core::event {
namespace {

std::string complaint(std::string_view json) {
  return of(Reading(json), [](const Event&) { return std::string("taken"); });
}

// A page with such members beside its type.
std::string page(std::string_view members) { return R"({"type":"page",)" + std::string(members) + "}"; }

TEST(EventRejection, EachReasonHasItsOwnCode) {
  std::vector<std::string_view> codes;
  for (int i = 0; i <= static_cast<int>(Reason::message_id_too_long); ++i)
    codes.push_back(code_of(static_cast<Reason>(i)));
  EXPECT_EQ(codes.size(), 14U);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    EXPECT_FALSE(codes[i].empty());
    EXPECT_EQ(codes[i].find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos) << codes[i];
    EXPECT_EQ(std::count(codes.begin(), codes.end(), codes[i]), 1) << codes[i];
  }
}

TEST(EventRejection, WhatIsNoObject) {
  for (const char* const json : {"17", "\"page\"", "null", "true", "[[]]", "[null]"})
    EXPECT_EQ(fate(json), "not_an_object") << json;
}

TEST(EventRejection, UnknownTypesAreGuessed) {
  EXPECT_EQ(complaint(R"({"type":"trak","userId":"u"})"),
            "unknown_type: The event has an unknown type: \"trak\". Perhaps you meant \"track\".");
  EXPECT_EQ(complaint(R"({"type":"Identify","userId":"u"})"),
            "unknown_type: The event has an unknown type: \"Identify\". Perhaps you meant \"identify\".");
  EXPECT_EQ(complaint(R"({"type":"purchase","userId":"u"})"),
            "unknown_type: The event has an unknown type: \"purchase\". Types are identify, track, page, screen, "
            "group and alias.");
  for (const char* const json : {R"({"userId":"u"})", R"({"type":null,"userId":"u"})", R"({"type":" "})", "{}"})
    EXPECT_EQ(complaint(json),
              "unknown_type: The event has no type. Types are identify, track, page, screen, group and alias.");
  EXPECT_EQ(fate(R"({"type":3,"userId":"u"})"), "invalid_field");
}

TEST(EventRejection, BatchesThatAreNone) {
  EXPECT_EQ(complaint(R"({"batch":{"type":"page","userId":"u"}})"),
            "invalid_field: \"batch\" is not an array of events, or is inside another batch. A batch is an object such "
            "as {\"batch\": [{\"type\": \"identify\", \"userId\": \"17\"}]}.");
  EXPECT_EQ(fate(R"({"batch":[{"batch":[]}]})"), "invalid_field");
  EXPECT_EQ(fate(R"([[{"type":"page","userId":"u"}]])"), "not_an_object");
  EXPECT_EQ(fate(R"({"type":null,"batch":[{"type":"page","userId":"u"}]})"), "taken");
}

TEST(EventRejection, NobodyIsNamed) {
  EXPECT_EQ(complaint(R"({"type":"page"})"),
            "no_identifier: The event names nobody. Name the person by \"userId\" or \"anonymousId\".");
  EXPECT_EQ(fate(R"({"type":"group","groupId":"g","traits":{"email":"e"}})"), "no_identifier");
  EXPECT_EQ(fate(page(R"("context":{"groupId":"g"},"properties":{"email":"e"})")), "no_identifier");
  EXPECT_EQ(complaint(R"({"specversion":"1.0","id":"1","source":"s","type":"t"})"),
            "no_identifier: The event names nobody. Name the person in \"subject\", or by \"userId\" in \"data\".");
}

TEST(EventRejection, WhatATypeNeeds) {
  EXPECT_EQ(complaint(R"({"type":"track","userId":"u"})"),
            "missing_event_name: The event of type \"track\" has no name. \"event\" names what was done, such as "
            "\"Order Completed\".");
  EXPECT_EQ(fate(R"({"type":"track","userId":"u","event":" "})"), "missing_event_name");
  EXPECT_EQ(complaint(R"({"type":"track","userId":"u","event":5})"),
            "invalid_field: \"event\" is a number. It has to be a string.");
  EXPECT_EQ(fate(R"({"type":"group","userId":"u","context":{"groupId":"g"}})"), "missing_group_id");
  EXPECT_EQ(
      complaint(R"({"type":"alias","userId":"u"})"),
      "incomplete_alias: The event of type \"alias\" names one identifier. It says that userId and previousId are "
      "one person.");
  EXPECT_EQ(fate(R"({"type":"alias"})"), "no_identifier");
}

TEST(EventRejection, FieldsOfAnotherKind) {
  EXPECT_EQ(complaint(page(R"("userId":{"$oid":"1"})")),
            "invalid_field: \"userId\" is an object. It has to be a string or a number.");
  EXPECT_EQ(complaint(page(R"("userId":"u","context":{"device":{"id":[1]}})")),
            "invalid_field: \"context.device.id\" is an array. It has to be a string or a number.");
  EXPECT_EQ(complaint(page(R"("userId":"u","traits":{"email":true})")),
            "invalid_field: \"traits.email\" is a boolean. It has to be a string or a number.");
  EXPECT_EQ(complaint(R"({"type":"group","userId":"u","groupId":"g","traits":"x"})"),
            "invalid_field: \"traits\" is a string. It has to be an object.");
  for (const char* const members :
       {R"("userId":true)", R"("anonymousId":[])", R"("userId":"u","messageId":{})", R"("userId":"u","properties":5)",
        R"("userId":"u","properties":[1])", R"("userId":"u","context":"x")", R"("userId":"u","context":{"traits":1})",
        R"("userId":"u","context":{"device":"d"})", R"("userId":"u","context":{"externalIds":{}})",
        R"("userId":"u","context":{"externalIds":[1]})", R"("userId":"u","context":{"externalIds":[{"id":"1"}]})",
        R"("userId":"u","context":{"externalIds":[{"id":"1","type":2}]})", R"("userId":"u","context":{"groupId":[]})",
        R"("userId":"u","name":7)"})
    EXPECT_EQ(fate(page(members)), "invalid_field") << members;
  EXPECT_EQ(complaint(page(R"("context":{"externalIds":[{"id":"1"}]})")),
            "invalid_field: \"context.externalIds.type\" is missing. An external id says its type, such as {\"id\": "
            "\"17\", \"type\": \"loyalty_id\"}.");
  EXPECT_EQ(complaint(R"({"batch":[{"type":"page","userId":"u"}],"context":7})"),
            "invalid_field: \"context\" is a number. It has to be an object.");
}

TEST(EventRejection, TimesThatAreNone) {
  EXPECT_EQ(complaint(page(R"("userId":"u","timestamp":"yesterday")")),
            "invalid_time: \"timestamp\" is not a time: \"yesterday\". A time is a string such as "
            "\"2026-01-31T10:00:00Z\".");
  EXPECT_EQ(complaint(page(R"("userId":"u","timestamp":1767323045)")),
            "invalid_time: \"timestamp\" is not a string. A time is a string such as \"2026-01-31T10:00:00Z\".");
  EXPECT_EQ(complaint(page(R"("userId":"u","originalTimestamp":"2026-01-01","sentAt":"soon")")),
            "invalid_time: \"sentAt\" is not a time: \"soon\". A time is a string such as \"2026-01-31T10:00:00Z\".");
  for (const char* const time :
       {"", " ", "2026-02-30", "2015-2-02T00:30:08.276Z", "2026-01-01T25:00Z", "2026-01-01T10:00Zz",
        "2026-01-01T10:00:00.1234567x", "2026-01-01T10:00:00.1234567.1", "2026-01-01T10:00:00.5+0000007"})
    EXPECT_EQ(fate(page(R"("userId":"u","timestamp":")" + std::string(time) + "\"")), "invalid_time") << time;
  // What is not looked at does no harm.
  EXPECT_EQ(fate(page(R"("userId":"u","sentAt":"soon")")), "taken");
  for (const char* const start : {"2026-01-01T10:00:00.", "2026-01-01T10:00:00", ""})
    EXPECT_LT(complaint(page(R"("userId":"u","timestamp":")" + (start + std::string(1'000'000, '1')) + "\"")).size(),
              200U);
}

TEST(EventRejection, TimesOutOfRange) {
  for (const char* const time : {"infinity", "-infinity", "0000-12-31", "-0043-03-15T00:00:00Z", "+300000-01-01",
                                 "-4800-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00"})
    EXPECT_EQ(complaint(page(R"("userId":"u","timestamp":")" + std::string(time) + "\"")),
              "invalid_time: \"timestamp\" is out of range: \"" + std::string(time) +
                  "\". A time is a string such as \"2026-01-31T10:00:00Z\".");
  EXPECT_EQ(complaint(page(R"("userId":"u","timestamp":"0001-01-01","sentAt":"9999-01-01")")),
            "invalid_time: \"sentAt\" and \"timestamp\" give a time out of range. An event happened as long before it "
            "was received as its time is before its sentAt.");
  // Differences beyond what 64 bits hold, both ways.
  EXPECT_EQ(fate(page(R"("userId":"u","timestamp":"0001-01-01","sentAt":"+294276-12-31")")), "invalid_time");
  EXPECT_EQ(fate(page(R"("userId":"u","timestamp":"+294276-12-31","sentAt":"0001-01-01")")), "invalid_time");
}

TEST(EventRejection, EventsOf32KilobytesAreTooLarge) {
  const test::JsonDocument document(R"({"type":"page","userId":"u"})");
  Incoming incoming{document.root(), {}, {}, 32 * 1024 - 1, kReceived};
  Event event(test::kHeap);
  EXPECT_FALSE(read_event(document, incoming, {}, event));
  ++incoming.bytes;
  const auto rejection = read_event(document, incoming, {}, event);
  ASSERT_TRUE(rejection);
  EXPECT_EQ(shown(*rejection), "too_large: The event has 32768 bytes. An event has less than 32768 bytes.");
  Limits limits;
  limits.event_bytes = 40'000;
  EXPECT_FALSE(read_event(document, incoming, limits, event));
}

TEST(EventRejection, IdentifiersHaveALimit) {
  const auto user = [](std::size_t bytes) { return page(R"("userId":")" + std::string(bytes, 'x') + "\""); };
  EXPECT_EQ(fate(user(1024)), "taken");
  EXPECT_EQ(complaint(user(1025)),
            "identifier_too_long: \"userId\" has 1025 bytes. An identifier has no more than 1024 bytes.");
  EXPECT_EQ(fate(user(10'000'000)), "identifier_too_long");
  EXPECT_EQ(fate(page(R"("userId":1e2000)")), "identifier_too_long");
  EXPECT_EQ(fate(page(R"("context":{"externalIds":[{"id":"1","type":")" + std::string(1025, 'x') + R"("}]})")),
            "identifier_too_long");
}

TEST(EventRejection, MessageIdsHaveALimit) {
  const auto id = [](std::size_t bytes) {
    return page(R"("userId":"u","messageId":")" + std::string(bytes, 'x') + "\"");
  };
  EXPECT_EQ(fate(id(1024)), "taken");
  EXPECT_EQ(fate(id(1025)), "message_id_too_long");
  EXPECT_EQ(fate(id(10'000'000)), "message_id_too_long");
  const auto source = [](std::size_t spaces, std::size_t bytes) {
    return R"({"specversion":"1.0","subject":"u","type":"t","source":")" + std::string(spaces, ' ') +
           std::string(bytes, 'x') + R"(","id":"1"})";
  };
  EXPECT_EQ(fate(source(0, 1022)), "taken");
  EXPECT_EQ(fate(source(0, 1023)), "message_id_too_long");
  EXPECT_EQ(fate(source(400, 10)), "message_id_too_long");
  EXPECT_EQ(fate(source(0, 10'000'000)), "message_id_too_long");
}

TEST(EventRejection, TooManyIdentifiers) {
  const auto list = [](std::size_t count, bool same) {
    std::string text = R"({"type":"page","context":{"externalIds":[)";
    for (std::size_t i = 0; i < count; ++i)
      text += std::string(i > 0 ? "," : "") + R"({"type":"t","id":)" + std::to_string(same ? 1 : i) + "}";
    return text + "]}}";
  };
  EXPECT_EQ(fate(list(8, false)), "taken");
  EXPECT_EQ(complaint(list(9, false)),
            "too_many_identifiers: The event names more than 8 identifiers. All identifiers of an event are taken for "
            "those of one person.");
  EXPECT_EQ(fate(list(2000, true)), "taken");
  Limits limits;
  limits.identifiers = 2;
  EXPECT_EQ(fate(list(2, false), limits), "taken");
  EXPECT_EQ(fate(list(3, false), limits), "too_many_identifiers");
}

TEST(EventRejection, CloudEventsNeedTheirFields) {
  EXPECT_EQ(complaint(R"({"specversion":"0.3","id":"1","source":"s","type":"t","subject":"u"})"),
            "unsupported_version: The CloudEvent has specversion \"0.3\". Events of specversion \"1.0\" are read.");
  EXPECT_EQ(complaint(R"({"specversion":"1.0","source":"s","type":"t","subject":"u"})"),
            "missing_cloudevents_field: The CloudEvent has no \"id\". A CloudEvent has id, source, specversion and "
            "type.");
  for (const char* const json :
       {R"({"specversion":"1.0","id":"1","type":"t"})", R"({"specversion":"1.0","id":"1","source":"s"})",
        R"({"specversion":"","id":"1","source":"s","type":"t"})",
        R"({"specversion":"1.0","id":"","source":"s","type":"t"})",
        R"({"specversion":"1.0","id":"1","source":null,"type":"t"})"})
    EXPECT_EQ(fate(json), "missing_cloudevents_field") << json;
  EXPECT_EQ(fate(R"({"specversion":1.0,"id":"1","source":"s","type":"t","subject":"u"})"), "invalid_field");
  EXPECT_EQ(fate(R"({"specversion":"1.0","id":1,"source":"s","type":"t","subject":"u"})"), "invalid_field");
  EXPECT_EQ(fate(R"({"specversion":"1.0","id":"1","source":"s","type":"t","subject":{}})"), "invalid_field");
  EXPECT_EQ(complaint(R"({"specversion":"1.0","id":"1","source":"s","type":"t","subject":"u","time":"x"})"),
            "invalid_time: \"time\" is not a time: \"x\". A time is a string such as \"2026-01-31T10:00:00Z\".");
}

TEST(EventRejection, SaysWhereInDataItStands) {
  EXPECT_EQ(complaint(R"({"specversion":"1.0","id":"1","source":"s","type":"t","data":{"userId":{}}})"),
            "invalid_field: \"data.userId\" is an object. It has to be a string or a number.");
  EXPECT_EQ(complaint(R"({"specversion":"1.0","id":"1","source":"s","type":"t",
                          "data":{"type":"page","userId":"u","context":{"traits":{"phone":[]}}}})"),
            "invalid_field: \"data.context.traits.phone\" is an array. It has to be a string or a number.");
}

TEST(EventRejection, QuotesLittle) {
  const std::string type(1'000'000, 'x');
  EXPECT_LT(complaint(R"({"type":")" + type + R"(","userId":"u"})").size(), 250U);
  EXPECT_LT(complaint(R"({"specversion":")" + type + "\"}").size(), 250U);
}

TEST(EventRejection, DeepNestingIsNotFollowed) {
  const std::string nested = std::string(990, '[') + std::string(990, ']');
  EXPECT_EQ(fate(page(R"("userId":"u","properties":{"a":)" + nested + "}")), "taken");
  EXPECT_EQ(fate(page(R"("userId":)" + nested)), "invalid_field");
  EXPECT_EQ(fate(nested), "not_an_object");
}

TEST(EventRejection, ScarceMemoryLeavesNoTrace) {
  const test::JsonDocument document(page(
      R"("userId":"u","anonymousId":"a","messageId":"00000000-0000-0000-0000-000000000000","traits":{"email":"e"})"));
  const Incoming incoming{document.root(), {}, {}, 0, kReceived};
  int granted = 0;
  for (bool done = false; !done; ++granted) {
    test::Scarce scarce(granted);
    Event event(&scarce);
    try {
      EXPECT_FALSE(read_event(document, incoming, {}, event));
      EXPECT_EQ(persons_of(event), "user_id=u anonymous_id=a email=e");
      done = true;
    } catch (const std::bad_alloc&) {
      EXPECT_LT(granted, 10);
    }
  }
  EXPECT_GT(granted, 2);
}

}  // namespace
}  // namespace cdp::core::event
