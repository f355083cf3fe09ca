// src/sql/event_document.cpp: reads jsonb in place, and makes new ones of its parts.
#include "sql/event_document.hpp"

#include <utility>

namespace cdp::sql {

namespace {

using core::event::Field;
using pg::query::Argument;

// Raises, as all here. The nodes of fields are values of their own.
Field field_of(const JsonbValue& value) {
  using Kind = Field::Kind;
  if (value.type == jbvNull) return {Kind::null, {}, nullptr};
  if (value.type == jbvString)
    return {Kind::string, {value.val.string.val, static_cast<std::size_t>(value.val.string.len)}, nullptr};
  auto* const node = static_cast<JsonbValue*>(palloc(sizeof(JsonbValue)));
  *node = value;
  if (value.type == jbvBool) return {Kind::boolean, {}, node};
  if (value.type == jbvNumeric) return {Kind::number, {}, node};
  return {JsonContainerIsArray(value.val.binary.data) ? Kind::array : Kind::object, {}, node};
}

const JsonbValue& value_of(const Field& field) noexcept { return *static_cast<const JsonbValue*>(field.node); }
JsonbContainer* container_of(const Field& field) noexcept { return value_of(field).val.binary.data; }

JsonbValue string_value(std::string_view text) noexcept {
  JsonbValue value;
  value.type = jbvString;
  value.val.string.val = const_cast<char*>(text.data());
  value.val.string.len = static_cast<int>(text.size());
  return value;
}

Argument argument(Jsonb* json) noexcept { return {JsonbPGetDatum(json)}; }

bool changes_on_retry(const JsonbValue& key) noexcept {
  const std::string_view name(key.val.string.val, static_cast<std::size_t>(key.val.string.len));
  return name == "sentAt" || name == "receivedAt";
}

}  // namespace

Field EventDocument::root() const {
  return pg::call([this] {
    JsonbValue value;
    if (JB_ROOT_IS_SCALAR(json_)) {
      JsonbExtractScalar(&json_->root, &value);
    } else {
      value.type = jbvBinary;
      value.val.binary.data = &json_->root;
      value.val.binary.len = static_cast<int>(VARSIZE(json_) - VARHDRSZ);
    }
    return field_of(value);
  });
}

Field EventDocument::member(const Field& object, std::string_view key) const {
  return pg::call([&] {
    JsonbValue value;
    const auto* const found =
        getKeyJsonValueFromContainer(container_of(object), key.data(), static_cast<int>(key.size()), &value);
    return found == nullptr ? Field{} : field_of(*found);
  });
}

std::size_t EventDocument::size(const Field& array) const { return JsonContainerSize(container_of(array)); }

Field EventDocument::element(const Field& array, std::size_t i) const {
  return pg::call(
      [&] { return field_of(*getIthJsonbValueFromContainer(container_of(array), static_cast<std::uint32_t>(i))); });
}

std::string_view EventDocument::number(const Field& number) const {
  return pg::call([&] {
    return std::string_view(
        DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value_of(number).val.numeric))));
  });
}

Argument jsonb_of(const Field& field) {
  if (field.kind == Field::Kind::absent || field.kind == Field::Kind::null) return {0, true};
  return pg::call([&] {
    JsonbValue value = field.kind == Field::Kind::string ? string_value(field.text) : value_of(field);
    return argument(JsonbValueToJsonb(&value));
  });
}

Argument joined(const Argument& under, const Argument& over) {
  if (under.null || over.null) return under.null ? over : under;
  return pg::call([&] { return Argument{DirectFunctionCall2(jsonb_concat, under.value, over.value)}; });
}

Argument jsonb_string(std::string_view text) {
  return pg::call([&] {
    JsonbValue value = string_value(text);
    return argument(JsonbValueToJsonb(&value));
  });
}

Argument jsonb_object(std::string_view key, const Argument& value) {
  return pg::call([&] {
    JsonbParseState* state = nullptr;
    JsonbValue name = string_value(key), content;
    pushJsonbValue(&state, WJB_BEGIN_OBJECT, nullptr);
    pushJsonbValue(&state, WJB_KEY, &name);
    Jsonb* const json = DatumGetJsonbP(value.value);
    if (JB_ROOT_IS_SCALAR(json)) {
      JsonbExtractScalar(&json->root, &content);
    } else {
      content.type = jbvBinary;
      content.val.binary.data = &json->root;
      content.val.binary.len = static_cast<int>(VARSIZE(json) - VARHDRSZ);
    }
    pushJsonbValue(&state, WJB_VALUE, &content);
    return argument(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, nullptr)));
  });
}

std::string text_of_jsonb(const Argument& json) {
  if (json.null) return "null";
  return pg::call([&] {
    Jsonb* const document = DatumGetJsonbP(json.value);
    return JsonbToCString(nullptr, &document->root, static_cast<int>(VARSIZE(document)));
  });
}

std::uint64_t digest_of(const Argument& event, std::uint64_t seed) {
  return pg::call([&] {
    JsonbIterator* at = JsonbIteratorInit(&DatumGetJsonbP(event.value)->root);
    JsonbValue value;
    std::uint64_t hash = seed;
    int depth = 0;
    bool skip = false;
    for (JsonbIteratorToken token; (token = JsonbIteratorNext(&at, &value, skip)) != WJB_DONE;) {
      if (token == WJB_BEGIN_OBJECT || token == WJB_BEGIN_ARRAY) ++depth;
      if (token == WJB_END_OBJECT || token == WJB_END_ARRAY) --depth;
      if (skip) {
        skip = false;  // this was the value of such a member
        continue;
      }
      skip = token == WJB_KEY && depth == 1 && changes_on_retry(value);
      if (skip) continue;
      hash = hash_combine64(hash, token);
      if (token == WJB_KEY || ((token == WJB_VALUE || token == WJB_ELEM) && IsAJsonbScalar(&value)))
        JsonbHashScalarValueExtended(&value, &hash, seed);
    }
    return hash;
  });
}

}  // namespace cdp::sql
