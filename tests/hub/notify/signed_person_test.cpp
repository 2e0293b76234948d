// The token at the end of a letter names one person, and nobody can make one for another.
#include "notify/signed_person.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "support/memory_store.hpp"

namespace ombud::notify {
namespace {

const SigningKey kKey(std::string(SigningKey::kBytes, 'k'));

TEST(SignedPerson, IsWhomTheTokenNames) {
  const std::string token = kKey.token_of({17});
  EXPECT_EQ(kKey.person_of(token), PersonId{17});
  EXPECT_EQ(token.find_first_not_of("0123456789abcdef-"), std::string::npos) << token;
}

TEST(SignedPerson, IsNobodyInATokenThatSomebodyMadeUp) {
  const std::string token = kKey.token_of({17});
  const std::string signature = token.substr(token.find('-'));
  for (const std::string& forged :
       {"18" + signature, "017" + signature, "+17" + signature, " 17" + signature, "1" + signature,
        token.substr(0, token.size() - 1), token + "0", std::string("17-"), std::string("17"),
        std::string("-"), std::string(), std::string(10'000, '1'), "-17" + signature,
        "0" + signature, "99999999999999999999" + signature,
        token.substr(0, token.size() - 1) + (token.back() == '0' ? "1" : "0")}) {
    EXPECT_FALSE(kKey.person_of(forged)) << forged;
  }
  EXPECT_FALSE(SigningKey(std::string(SigningKey::kBytes, 'x')).person_of(token));
}

TEST(SigningKeyFile, IsMadeOnceForItsOwnerAloneAndReadAgain) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("ombud-notify-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const auto file = folder / "notify.key";
  test::SeededRandom random{7};
  const auto made = SigningKey::in_file(file, random);
  ASSERT_TRUE(made);
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const auto again = SigningKey::in_file(file, random);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->person_of(made->token_of({5})), PersonId{5});
  std::ofstream(file) << "short";
  const auto damaged = SigningKey::in_file(file, random);
  ASSERT_FALSE(damaged);
  EXPECT_NE(damaged.error().detail.find("damaged"), std::string::npos);
  EXPECT_FALSE(SigningKey::in_file(folder / "no" / "notify.key", random));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace ombud::notify
