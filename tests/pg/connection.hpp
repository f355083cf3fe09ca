// Connections of the tests: where to is told by PGHOST, PGPORT, PGDATABASE and PGUSER.
#pragma once

#include <pqxx/pqxx>
#include <string>

namespace cdp::test {

// Runs one statement in autocommit; its SQLSTATE when it fails, else "00000".
inline std::string sqlstate(pqxx::connection& connection, const std::string& statement) {
  pqxx::nontransaction work(connection);
  try {
    work.exec(statement);
  } catch (const pqxx::sql_error& error) {
    return error.sqlstate();
  }
  return "00000";
}

// The first column of the one row that the statement returns.
template <typename T>
T value(pqxx::connection& connection, const std::string& statement) {
  pqxx::nontransaction work(connection);
  return work.exec1(statement)[0].as<T>();
}

}  // namespace cdp::test
