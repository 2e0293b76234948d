#include "connector_host/start_order.hpp"

#include <gtest/gtest.h>

#include "connector_host/limits.hpp"

namespace ombud {
namespace {

StartOrder example() {
  StartOrder order;
  order.host = "acme#1";
  order.link = "acme";
  order.endpoint = "ipc:///run/x";
  order.connector_dir = "/opt/acme";
  order.settings_json = "{\"key\":{\"$secret\":\"token\"}}";
  order.secrets = {{"token", std::string("bytes \0\xFF", 8)}, {"we\"ird", ""}};
  order.origins = {"https://acme.example:443"};
  order.hello_secret = "hello";
  order.scratch_dir = "/tmp/scratch";
  order.memory_bytes_max = 512ULL << 20U;
  order.files_max = 256;
  order.parallel = 16;
  return order;
}

TEST(StartOrder, ReadsBackWhateverBytesItsSecretsHold) {
  const std::string framed = encode(example());
  const std::size_t size = order_size(std::string_view(framed).substr(0, kOrderHeaderBytes));
  ASSERT_EQ(size, framed.size() - kOrderHeaderBytes);
  const auto back = decode_order(std::string_view(framed).substr(kOrderHeaderBytes));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->host, "acme#1");
  EXPECT_EQ(back->secrets, example().secrets);
  EXPECT_EQ(back->settings_json, example().settings_json);
  EXPECT_EQ(back->origins, example().origins);
  EXPECT_EQ(back->memory_bytes_max, example().memory_bytes_max);
  EXPECT_EQ(back->files_max, 256U);
  EXPECT_EQ(back->parallel, 16U);
}

TEST(StartOrder, RefusesAnIncompleteOne) {
  StartOrder order = example();
  order.hello_secret.clear();
  EXPECT_FALSE(decode_order(std::string_view(encode(order)).substr(kOrderHeaderBytes)));
  EXPECT_FALSE(decode_order("{}"));
  EXPECT_FALSE(decode_order("nonsense"));
}

TEST(StartOrder, RefusesASizeBeyondTheLimit) {
  EXPECT_EQ(order_size(std::string(8, '\xFF')), 0U);
  EXPECT_EQ(order_size("short"), 0U);
}

}  // namespace
}  // namespace ombud
