#include "http/router.hpp"

#include <gtest/gtest.h>

#include "http/target.hpp"

namespace ombud::http {
namespace {

Result<Response> nothing(Tx&, const Call&) {
  return Response();
}

Router example() {
  Router router;
  router.add({.method = Method::get, .path = "/", .id = "root", .handler = &nothing});
  router.add({.method = Method::get, .path = "/a/{x}", .id = "one", .handler = &nothing});
  router.add({.method = Method::post, .path = "/a/{x}", .id = "add", .handler = &nothing});
  router.add({.method = Method::get, .path = "/a/b", .id = "literal", .handler = &nothing});
  router.add({.method = Method::get, .path = "/a/{x}/c/{y}", .id = "deep", .handler = &nothing});
  return router;
}

TEST(RouterTest, FindsRoutesAndTheirDecodedParameters) {
  const Router router = example();
  EXPECT_EQ(router.find(Method::get, "/").route->id, "root");
  EXPECT_EQ(router.find(Method::get, "/a/b").route->id, "literal");
  EXPECT_EQ(router.find(Method::head, "/a/x").route->id, "one");
  const auto deep = router.find(Method::get, "/a/p%2Fq/c/%C3%A5");
  ASSERT_NE(deep.route, nullptr);
  EXPECT_EQ(deep.params, (std::vector<std::string>{"p/q", "å"}));
}

TEST(RouterTest, TellsAnUnknownPathFromAnUnknownMethod) {
  const Router router = example();
  EXPECT_EQ(router.find(Method::get, "/nowhere").allow, "");
  EXPECT_EQ(router.find(Method::get, "/a").allow, "");
  EXPECT_EQ(router.find(Method::get, "/a/").allow, "");
  EXPECT_EQ(router.find(Method::get, "/a/x/").allow, "");
  const auto match = router.find(Method::put, "/a/x");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allow, "GET, HEAD, POST, OPTIONS");
}

TEST(RouterTest, RefusesBrokenEscapes) {
  const Router router = example();
  for (const char* path : {"/a/%", "/a/%1", "/a/%zz", "/a/%00", "/a/%ff"}) {
    EXPECT_TRUE(router.find(Method::get, path).bad_escape) << path;
  }
}

TEST(QueryTest, TakesOnlyKnownParametersOnce) {
  static constexpr Member kKnown[] = {{.name = "q"}, {.name = "open", .shape = Shape::boolean}};
  const auto good = Query::parse("q=a+b%26c&open=true", kKnown);
  ASSERT_TRUE(good);
  EXPECT_EQ(good->text("q"), "a b&c");
  EXPECT_TRUE(good->flag("open").value());
  EXPECT_FALSE(good->has("other"));

  const auto wrong = Query::parse("stats=new&q=1&q=2&open=%zz", kKnown);
  ASSERT_FALSE(wrong);
  std::vector<std::string> pointers;
  for (const FieldProblem& field : wrong.error().fields) pointers.push_back(field.pointer);
  EXPECT_EQ(pointers, (std::vector<std::string>{"?stats", "?q", "?open"}));
}

TEST(TargetTest, EncodesWhatItDecodes) {
  const std::string name = "räk\"ning;\r\n 1.pdf";
  EXPECT_EQ(percent_encode("a b/å"), "a%20b%2F%C3%A5");
  EXPECT_EQ(percent_decode(percent_encode(name), false), name);
}

}  // namespace
}  // namespace ombud::http
