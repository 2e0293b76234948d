// The real ombud-host refuses what was not installed as it should be, in one plain sentence.
#include <sys/stat.h>

#include "supervisor/host_world.hpp"

namespace ombud {
namespace {

// Starts the host on `directory` and answers why it gave up.
std::string refusal(HostWorld& world, const std::string& directory, std::string settings = "{}") {
  world.hosts->start(world.spec(directory, std::move(settings)), nullptr);
  EXPECT_TRUE(world.run_until([&] { return world.status().state == HostState::backing_off; }));
  EXPECT_EQ(world.status().restarts, 0);
  return world.status().reason;
}

void expect_about(const std::string& sentence, const std::string& part) {
  EXPECT_NE(sentence.find(part), std::string::npos) << sentence;
  EXPECT_EQ(sentence.find('\n'), std::string::npos) << sentence;
}

TEST(HostRefuses, AConnectorThatIsNotThere) {
  HostWorld world;
  expect_about(refusal(world, world.directory + "/nothing"), "There is no connector at");
}

TEST(HostRefuses, ADirectoryWithoutManifest) {
  HostWorld world;
  const std::string directory = world.probe();
  std::filesystem::remove(directory + "/connector.json");
  expect_about(refusal(world, directory), "connector.json");
}

TEST(HostRefuses, AManifestWithoutItsLibrary) {
  HostWorld world;
  const std::string directory = world.probe();
  std::filesystem::remove(directory + "/probe.so");
  expect_about(refusal(world, directory), "lacks");
}

TEST(HostRefuses, AFileThatOthersMayWrite) {
  for (const char* name : {"/probe.so", "/connector.json", ""}) {
    HostWorld world;
    const std::string directory = world.probe();
    ::chmod((directory + name).c_str(), *name == '\0' ? 0777 : 0664);
    expect_about(refusal(world, directory), "chmod go-w");
  }
}

TEST(HostRefuses, ALibraryThatIsASymbolicLink) {
  HostWorld world;
  const std::string directory = world.probe();
  std::filesystem::rename(directory + "/probe.so", world.directory + "/elsewhere.so");
  std::filesystem::create_symlink(world.directory + "/elsewhere.so", directory + "/probe.so");
  expect_about(refusal(world, directory), "lacks");
}

TEST(HostRefuses, ALibraryWithAnotherDigest) {
  HostWorld world;
  const std::string directory = world.probe();
  std::ofstream(directory + "/probe.so", std::ios::app) << "x";
  expect_about(refusal(world, directory), "SHA-256");
}

TEST(HostRefuses, AManifestThatLeavesItsDirectory) {
  HostWorld world;
  const std::string directory = world.probe();
  HostWorld::write_manifest(directory, "../probe.so", "a", "1", "00");
  HostWorld::secure(directory);
  expect_about(refusal(world, directory), "same directory");
}

TEST(HostRefuses, AnotherAbiMajor) {
  HostWorld world;
  expect_about(refusal(world, world.copy("newer_major", "se.ombud.test.bare", "0.1.0")),
               "major 2 of the connector ABI, this hub runs major 1");
}

TEST(HostRefuses, MoreThanTheEntrySymbol) {
  HostWorld world;
  expect_about(refusal(world, world.copy("loud", "x", "1")), "loud_helper");
}

TEST(HostRefuses, ADescriptorThatDiffersFromTheManifest) {
  for (const auto& [id, version] :
       {std::pair("other.id", "1.2.3"), std::pair("se.ombud.test.probe", "1.2.4")}) {
    HostWorld world;
    expect_about(refusal(world, world.copy("probe", id, version)), "disagree");
  }
}

TEST(HostRefuses, SettingsThatTheConnectorRefusesWithoutShowingSecrets) {
  HostWorld world;
  const std::string reason = refusal(world, world.probe(), "{\"mode\":\"refuse-in-create\"}");
  expect_about(reason, "the setting \"url\" is missing, key was [secret]");
}

TEST(HostRefuses, ToBeStartedByHand) {
  const std::string program = environment("OMBUD_BIN") + "/ombud-host";
  EXPECT_EQ(WEXITSTATUS(std::system((program + " 2>/dev/null").c_str())), 64);
  EXPECT_EQ(WEXITSTATUS(std::system((program + " 1 2>/dev/null").c_str())), 64);
}

TEST(HostRefuses, AStartOrderThatIsCutShort) {
  const std::string program = environment("OMBUD_BIN") + "/ombud-host";
  EXPECT_EQ(WEXITSTATUS(std::system((program + " 3 3</dev/null 2>/dev/null").c_str())), 65);
}

}  // namespace
}  // namespace ombud
