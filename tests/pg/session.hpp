// A session over bare libpq: binary parameters and results, COPY, errors with every field, the backend's memory.
#pragma once

#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cdp::test {

inline constexpr Oid kText = 25;

struct Parameter {
  std::optional<std::string> bytes;  // none: NULL
  Oid type = 0;                      // 0: the server infers it
  bool binary = false;
};

class Outcome {
 public:
  explicit Outcome(PGresult* result) : result_(result, PQclear) {}

  bool ok() const { return state() == "00000"; }
  std::string state() const { return field(PG_DIAG_SQLSTATE, "00000"); }
  std::string message() const { return field(PG_DIAG_MESSAGE_PRIMARY, ""); }
  std::string whole() const { return state() + ": " + PQresultErrorMessage(result_.get()); }
  PGresult* get() const { return result_.get(); }

  // The bytes of a field as they came; none for NULL or when there is no such row.
  std::optional<std::string> at(int row, int column = 0) const {
    if (row >= PQntuples(result_.get()) || PQgetisnull(result_.get(), row, column)) return std::nullopt;
    return std::string(PQgetvalue(result_.get(), row, column),
                       static_cast<std::size_t>(PQgetlength(result_.get(), row, column)));
  }

 private:
  std::string field(int code, const char* otherwise) const {
    const char* const value = PQresultErrorField(result_.get(), code);
    return value != nullptr ? value : PQresultStatus(result_.get()) == PGRES_FATAL_ERROR ? "connection" : otherwise;
  }

  std::unique_ptr<PGresult, decltype(&PQclear)> result_;
};

class Session {
 public:
  Session() : connection_(PQconnectdb(""), PQfinish) {
    if (PQstatus(get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(get()));
    PQsetNoticeProcessor(
        get(), [](void*, const char*) {}, nullptr);
  }

  PGconn* get() const { return connection_.get(); }
  int pid() const { return PQbackendPID(get()); }
  // Whether the backend that the session began with still answers.
  bool alive() const {
    return PQstatus(get()) == CONNECTION_OK && run("SELECT pg_backend_pid()").at(0) == std::to_string(pid());
  }

  Outcome run(const std::string& statement) const { return Outcome(PQexec(get(), statement.c_str())); }

  // One statement with parameters $1 …; the result is binary when asked for.
  Outcome run(const std::string& statement, const std::vector<Parameter>& parameters, bool binary) const {
    std::vector<Oid> types;
    std::vector<const char*> values;
    std::vector<int> lengths, formats;
    for (const Parameter& parameter : parameters) {
      types.push_back(parameter.type);
      values.push_back(parameter.bytes ? parameter.bytes->c_str() : nullptr);
      lengths.push_back(parameter.bytes ? static_cast<int>(parameter.bytes->size()) : 0);
      formats.push_back(parameter.binary ? 1 : 0);
    }
    return Outcome(PQexecParams(get(), statement.c_str(), static_cast<int>(types.size()), types.data(), values.data(),
                                lengths.data(), formats.data(), binary ? 1 : 0));
  }

  std::string text(const std::string& query) const {
    const Outcome outcome = run(query);
    EXPECT_TRUE(outcome.ok()) << query << ": " << outcome.whole();
    return outcome.at(0).value_or("");
  }
  Oid oid(const std::string& type) const {
    return static_cast<Oid>(std::stoul(text("SELECT '" + type + "'::pg_catalog.regtype::pg_catalog.oid")));
  }

  // Bytes of the backend's memory that are its own: without the server's shared buffers and the executable's pages.
  long memory() const {
    long pages = 0, resident = 0, shared = 0;
    std::ifstream("/proc/" + std::to_string(pid()) + "/statm") >> pages >> resident >> shared;
    return (resident - shared) * sysconf(_SC_PAGESIZE);
  }

 private:
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

}  // namespace cdp::test
