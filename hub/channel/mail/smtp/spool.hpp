// A long message while it comes in: a file that grows by pieces. Not thread-safe; it may end while
// a piece is being written.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace ombud::mail {

class SpoolFile {
 public:
  // Makes the file when the first piece comes, and removes it in the end if it is still there then.
  // `workers` does the blocking work.
  SpoolFile(boost::asio::any_io_executor workers, std::string path);

  // Empty, or what the disk said; then the file is not whole.
  boost::asio::awaitable<std::string> add(std::string piece);
  // It is written but not synced. Who wants to keep it renames it.
  const std::string& path() const;

 private:
  struct File;
  static boost::asio::awaitable<std::string> write(std::shared_ptr<File> file, std::string piece);

  boost::asio::any_io_executor workers_;
  std::shared_ptr<File> file_;
};

}  // namespace ombud::mail
