// What needs no provider: text forms, the sealed cookie, keys and signatures, claims of an ID
// token, and what claims mean.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/bytes.hpp"
#include "identity/oidc/claims.hpp"
#include "identity/oidc/id_token.hpp"
#include "identity/oidc/keys.hpp"
#include "identity/oidc/limits.hpp"
#include "identity/oidc/metadata.hpp"
#include "identity/oidc/state_cookie.hpp"
#include "identity/oidc/text.hpp"
#include "support.hpp"

namespace ombud::oidc::test {
namespace {

json::Document parsed(std::string_view text) {
  auto document = json::parse(text);
  EXPECT_TRUE(document) << text;
  return std::move(*document);
}

// --- Text forms ---------------------------------------------------------------------------------

TEST(OidcText, Base64UrlTakesNothingButItsOwnForm) {
  const std::string bytes("\x00\xFF\xFE~?>", 6);
  EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
  EXPECT_EQ(from_base64url(""), "");
  for (const char* wrong : {"AA==", "A A", "AA\n", "+/", "A", "AB"}) {  // "AB": bits left over
    EXPECT_FALSE(from_base64url(wrong)) << wrong;
  }
}

TEST(OidcText, OnlyHttpsAndThisMachineAreTalkedTo) {
  for (const char* good : {"https://id.example", "https://id.example:8443/realms/a?x=1",
                           "http://127.0.0.1:3000", "http://localhost/x", "http://[::1]:1/"}) {
    EXPECT_FALSE(refused_address(good)) << good << " " << *refused_address(good);
  }
  for (const char* bad :
       {"http://id.example", "ftp://127.0.0.1", "file:///etc/passwd", "https://", "id.example",
        "https://user:pass@id.example", "https://id.example/#x", "http://127.0.0.1.evil.example",
        "http://localhost.evil.example", "http://127.0.0.1@evil.example", "javascript:alert(1)",
        "http://169.254.169.254/latest", "https://id.example/\r\nHost: x", ""}) {
    EXPECT_TRUE(refused_address(bad)) << bad;
  }
}

TEST(OidcText, ReturnsLeadToOurOwnPagesOnly) {
  EXPECT_EQ(safe_return("/tickets/17?tab=x#m3"), "/tickets/17?tab=x#m3");
  for (const char* bad :
       {"", "//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nSet-Cookie: x=1",
        "\\\\evil", "tickets", "/sign-in?problem=x", "/auth/oidc/a", "/a b", "/\t/evil.example"}) {
    EXPECT_EQ(safe_return(bad), "/") << bad;
  }
  EXPECT_EQ(safe_return("/" + std::string(kReturnBytesMax, 'a')), "/");
}

TEST(OidcText, AQueryWithANameTwiceIsNone) {
  EXPECT_EQ(parse_query("code=a%20b+c&state=x&&y=")->at("code"), "a b c");
  EXPECT_FALSE(parse_query("code=a&code=b"));
  EXPECT_FALSE(parse_query("code=%zz"));
  EXPECT_FALSE(parse_query("code=%4"));
  EXPECT_FALSE(parse_query("code=%FF"));
  EXPECT_EQ(with_query("https://a.example/x?y=1", {{"z", "ä&"}}),
            "https://a.example/x?y=1&z=%C3%A4%26");
}

// --- The sealed cookie --------------------------------------------------------------------------

TEST(OidcCookie, OnlyWhatThisHubSealedIsRead) {
  SystemRandom random;
  const SealKey key = SealKey::from_bytes(std::string(32, 'k'));
  Pending pending;
  pending.provider = "alfa";
  pending.state = "s";
  pending.nonce = "n";
  pending.verifier = "v";
  pending.to = "/tickets";
  pending.until = instant_of(1'795'000'000'000);
  const std::string sealed = key.seal(pending, random);
  const auto read = key.unseal(sealed);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->provider, "alfa");
  EXPECT_EQ(read->verifier, "v");
  EXPECT_EQ(read->until, pending.until);
  EXPECT_EQ(sealed.find("alfa"), std::string::npos);
  EXPECT_NE(sealed, key.seal(pending, random));
  for (std::size_t at = 0; at < sealed.size(); at += 7) {
    std::string changed = sealed;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(key.unseal(changed)) << at;
  }
  EXPECT_FALSE(SealKey::from_bytes(std::string(32, 'x')).unseal(sealed));
  for (const char* nonsense : {"", "A", "AAAA", "not base64!"}) EXPECT_FALSE(key.unseal(nonsense));
  EXPECT_FALSE(key.unseal(std::string(100'000, 'A')));
}

TEST(OidcCookie, TheKeyIsMadeOnceAndIsForNobodyElse) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("ombud-oidc-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  SystemRandom random;
  const auto file = folder / "oidc.key";
  const auto first = SealKey::in_file(file, random);
  ASSERT_TRUE(first);
  struct stat facts {};
  ASSERT_EQ(::stat(file.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
  Pending pending;
  pending.state = pending.nonce = pending.verifier = "x";
  EXPECT_TRUE(SealKey::in_file(file, random)->unseal(first->seal(pending, random)));
  std::ofstream(file) << "short";
  EXPECT_FALSE(SealKey::in_file(file, random));
  EXPECT_FALSE(SealKey::in_file(folder / "no" / "oidc.key", random));
  std::filesystem::remove_all(folder);
}

TEST(OidcCookie, TheHeaderNamesItOnceOrNotAtAll) {
  EXPECT_EQ(cookie_in("a=1; ombud_oidc=xyz; b=2", "ombud_oidc"), "xyz");
  EXPECT_EQ(cookie_in("ombud_oidc=xyz", "ombud_oidc"), "xyz");
  EXPECT_FALSE(cookie_in("xombud_oidc=xyz; ombud_oidcx=1", "ombud_oidc"));
  EXPECT_FALSE(cookie_in("ombud_oidc=a; ombud_oidc=b", "ombud_oidc"));
  EXPECT_FALSE(cookie_in("", "ombud_oidc"));
  EXPECT_EQ(cookie_with("v", true),
            "__Host-ombud_oidc=v; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure");
}

// --- Keys and signatures ------------------------------------------------------------------------

KeySet set_of(std::initializer_list<std::string> keys) {
  auto set = KeySet::from_jwks(parsed(jwks(keys)).root());
  EXPECT_TRUE(set);
  return std::move(*set);
}

TEST(OidcKeys, EachAlgorithmVerifiesItsOwnSignaturesAndNoOther) {
  const struct {
    const SigningKey& key;
    const char* name;
    Algorithm algorithm;
  } all[] = {{SigningKey::rsa(), "RS256", Algorithm::rs256},
             {SigningKey::rsa(), "PS256", Algorithm::ps256},
             {SigningKey::p256(), "ES256", Algorithm::es256},
             {SigningKey::ed25519(), "EdDSA", Algorithm::eddsa}};
  const KeySet set =
      set_of({SigningKey::rsa().jwk(), SigningKey::p256().jwk(), SigningKey::ed25519().jwk()});
  for (const auto& maker : all) {
    const std::string signature = maker.key.sign(maker.name, "signed");
    for (const auto& reader : all) {
      EXPECT_EQ(set.verify(reader.algorithm, reader.key.kid(), "signed", signature),
                reader.algorithm == maker.algorithm)
          << maker.name << " read as " << reader.name;
    }
    std::string changed = signature;
    changed[changed.size() / 2] ^= 1;
    EXPECT_FALSE(set.verify(maker.algorithm, maker.key.kid(), "signed", changed));
    EXPECT_FALSE(set.verify(maker.algorithm, maker.key.kid(), "signee", signature));
    EXPECT_FALSE(set.verify(maker.algorithm, maker.key.kid(), "signed", signature + '\0'));
    EXPECT_FALSE(set.verify(maker.algorithm, maker.key.kid(), "signed", ""));
    EXPECT_FALSE(set.verify(maker.algorithm, "other", "signed", signature));
    EXPECT_TRUE(set.verify(maker.algorithm, "", "signed", signature));  // the only one that fits
  }
  EXPECT_FALSE(set.verify(Algorithm::es256, "ec-1", "signed", std::string(64, '\0')));
}

// Section A.1 to A.3 of RFC 7515 has no ID token, but RFC 8037, A.4 has this signature.
TEST(OidcKeys, TheExampleOfRfc8037IsGood) {
  const KeySet set = set_of({R"({"kty":"OKP","crv":"Ed25519",
      "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"});
  EXPECT_TRUE(set.verify(
      Algorithm::eddsa, "", "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
      *from_base64url(
          "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_"
          "MuM0KAg")));
}

TEST(OidcKeys, WithoutAnIdTwoKeysThatFitAreNoneThatFits) {
  const SigningKey& first = SigningKey::rsa();
  const KeySet set = set_of({first.jwk(), SigningKey::rsa("rsa-2").jwk()});
  EXPECT_FALSE(set.verify(Algorithm::rs256, "", "x", first.sign("RS256", "x")));
  EXPECT_TRUE(set.verify(Algorithm::rs256, "rsa-1", "x", first.sign("RS256", "x")));
}

TEST(OidcKeys, AKeyServesOnlyWhatItIsFor) {
  const SigningKey& key = SigningKey::rsa();
  const std::string other = SigningKey::p256().jwk();
  EXPECT_FALSE(set_of({other, key.jwk(R"(,"use":"enc")")})
                   .verify(Algorithm::rs256, "rsa-1", "x", key.sign("RS256", "x")));
  EXPECT_FALSE(set_of({other, key.jwk(R"(,"key_ops":["sign"])")})
                   .verify(Algorithm::rs256, "rsa-1", "x", key.sign("RS256", "x")));
  EXPECT_FALSE(set_of({other, key.jwk(R"(,"alg":"PS256")")})
                   .verify(Algorithm::rs256, "rsa-1", "x", key.sign("RS256", "x")));
  EXPECT_FALSE(set_of({other, key.jwk(R"(,"alg":"HS256")")})
                   .verify(Algorithm::rs256, "rsa-1", "x", key.sign("RS256", "x")));
  EXPECT_TRUE(set_of({key.jwk(R"(,"use":"sig","alg":"PS256","key_ops":["verify"])")})
                  .verify(Algorithm::ps256, "rsa-1", "x", key.sign("PS256", "x")));
}

TEST(OidcKeys, WeakAndBrokenKeysAreLeftOut) {
  for (const std::string& bad :
       {SigningKey::rsa("weak", 1024).jwk(), std::string(R"({"kty":"oct","k":"c2VjcmV0"})"),
        std::string(R"({"kty":"RSA","n":"AQAB","e":"AQAB"})"), std::string(R"({"kty":"RSA"})"),
        std::string(R"({"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"})"),
        // not on the curve
        R"({"kty":"EC","crv":"P-256","x":")" + to_base64url(std::string(32, '\1')) + R"(","y":")" +
            to_base64url(std::string(32, '\1')) + R"("})",
        std::string(R"({"kty":"OKP","crv":"X25519","x":"AAAA"})"), std::string("17"),
        R"({"kty":"RSA","e":"AQAB","n":")" + to_base64url(std::string(5000, '\xFF')) + R"("})"}) {
    EXPECT_FALSE(KeySet::from_jwks(parsed(jwks({bad})).root())) << bad.substr(0, 80);
  }
  EXPECT_FALSE(KeySet::from_jwks(parsed("{}").root()));
  EXPECT_FALSE(KeySet::from_jwks(parsed(R"({"keys":{}})").root()));
  std::string many;
  for (std::size_t i = 0; i <= kKeysMax; ++i)
    many += (i == 0 ? "" : ",") + SigningKey::p256().jwk();
  EXPECT_FALSE(KeySet::from_jwks(parsed(R"({"keys":[)" + many + "]}").root()));
}

// --- ID tokens ----------------------------------------------------------------------------------

TEST(OidcToken, OnlySignedTokensOfTheRightKindAreTakenApart) {
  const SigningKey& key = SigningKey::rsa();
  EXPECT_TRUE(take_apart(token(key, "RS256", "{}")));
  EXPECT_TRUE(take_apart(token(key, "RS256", "{}", R"({"alg":"RS256","typ":"JWT"})")));
  const std::string claims = to_base64url("{}");
  const auto with_header = [&](std::string_view header) {
    return to_base64url(header) + "." + claims + ".AAAA";
  };
  for (const std::string& bad :
       {with_header(R"({"alg":"none"})"),
        to_base64url(R"({"alg":"none"})") + "." + claims + ".",
        with_header(R"({"alg":"None"})"),
        with_header(R"({"alg":"HS256"})"),
        with_header(R"({"alg":"rs256"})"),
        with_header(R"({"alg":["RS256"]})"),
        with_header(R"({"alg":"RS256","alg":"none"})"),
        with_header("{}"),
        with_header(R"({"alg":"RS256","typ":"at+jwt"})"),
        with_header(R"({"alg":"RS256","typ":"logout+jwt"})"),
        with_header(R"({"alg":"RS256","crit":["b64"],"b64":false})"),
        to_base64url(R"({"alg":"RS256"})") + "." + claims + ".",
        to_base64url(R"({"alg":"RS256"})") + "." + claims,
        to_base64url(R"({"alg":"RS256"})") + "." + to_base64url("[]") + ".AAAA",
        to_base64url(R"({"alg":"RS256"})") + "." + claims + ".AA=A",
        std::string("a.b.c"),
        std::string(),
        std::string("...."),
        token(key, "RS256", "{}") + ".AAAA",
        token(key, "RS256", R"({"x":")" + std::string(kTokenBytesMax, 'x') + R"("})")}) {
    EXPECT_FALSE(take_apart(bad)) << bad.substr(0, 100);
  }
}

struct OidcClaims : ::testing::Test {
  static constexpr std::int64_t kNow = 1'795'000'000;
  std::map<std::string, std::string> claims{{"iss", R"("https://id.example")"},
                                            {"sub", R"("s-1")"},
                                            {"aud", R"("desk")"},
                                            {"iat", std::to_string(kNow)},
                                            {"exp", std::to_string(kNow + 300)},
                                            {"nonce", R"("n-1")"}};
  // Whether they are good with this one changed; "" leaves it out.
  bool good(const std::string& name, const std::string& json) {
    auto changed = claims;
    changed[name] = json;
    std::string text;
    for (const auto& [key, value] : changed) {
      if (!value.empty()) text += (text.empty() ? "\"" : ",\"") + key + "\":" + value;
    }
    const auto document = parsed("{" + text + "}");
    const Expected expected{"https://id.example", "desk", "n-1", instant_of(kNow * 1000)};
    return check_claims(document.root(), expected).has_value();
  }
  static std::string at(std::int64_t seconds) { return std::to_string(kNow + seconds); }
};

TEST_F(OidcClaims, TheIssuerIsExactlyThis) {
  EXPECT_TRUE(good("iss", R"("https://id.example")"));
  for (const char* bad : {R"("https://id.example/")", R"("https://evil.example")", "", "17",
                          R"(["https://id.example"])", "null"}) {
    EXPECT_FALSE(good("iss", bad)) << bad;
  }
}

TEST_F(OidcClaims, TheTokenIsForUsAndNobodyElse) {
  EXPECT_TRUE(good("aud", R"(["desk"])"));
  for (const char* bad : {R"("other")", R"(["other"])", "", "null", "[]", "[17]", R"({"a":"desk"})",
                          R"(["desk","other"])"}) {
    EXPECT_FALSE(good("aud", bad)) << bad;
  }
  EXPECT_TRUE(good("azp", R"("desk")"));
  EXPECT_FALSE(good("azp", R"("other")"));
  EXPECT_FALSE(good("azp", "17"));
  claims["azp"] = R"("desk")";
  EXPECT_TRUE(good("aud", R"(["desk","other"])"));
}

TEST_F(OidcClaims, TimesAreHeldAgainstTheClockWithAMinuteOfSkew) {
  EXPECT_TRUE(good("exp", at(-59)));
  EXPECT_FALSE(good("exp", at(-60)));
  EXPECT_TRUE(good("exp", at(10) + ".5"));
  EXPECT_TRUE(good("iat", at(60)));
  EXPECT_FALSE(good("iat", at(61)));
  EXPECT_FALSE(good("nbf", at(61)));
  EXPECT_TRUE(good("nbf", at(-1)));
  for (const char* bad : {"", "null", R"("1795000300")", "-1", "1e300", "true", "[]"}) {
    EXPECT_FALSE(good("exp", bad)) << bad;
    EXPECT_FALSE(good("iat", bad)) << bad;
  }
}

TEST_F(OidcClaims, TheNonceIsOurs) {
  for (const char* bad : {"", "null", R"("n-2")", R"("")", "17", R"("n-1 ")"}) {
    EXPECT_FALSE(good("nonce", bad)) << bad;
  }
}

TEST_F(OidcClaims, ThereIsASubject) {
  EXPECT_FALSE(good("sub", ""));
  EXPECT_FALSE(good("sub", R"("")"));
  EXPECT_FALSE(good("sub", "17"));
  EXPECT_FALSE(good("sub", '"' + std::string(256, 's') + '"'));
}

// --- What a provider says of itself -------------------------------------------------------------

TEST(OidcMetadata, AProviderThatSpeaksForAnotherOrLeadsElsewhereIsRefused) {
  const auto about = [](const std::string& name, const std::string& json) {
    std::map<std::string, std::string> all{
        {"issuer", R"("https://id.example/a")"},
        {"authorization_endpoint", R"("https://id.example/auth")"},
        {"token_endpoint", R"("https://id.example/token")"},
        {"jwks_uri", R"("https://keys.example/jwks")"}};
    if (!name.empty()) all[name] = json;
    std::string text;
    for (const auto& [key, value] : all)
      text += (text.empty() ? "\"" : ",\"") + key + "\":" + value;
    return metadata_from(parsed("{" + text + "}").root(), "https://id.example/a");
  };
  EXPECT_TRUE(about("", ""));
  EXPECT_EQ(discovery_address("https://id.example/a/"),
            "https://id.example/a/.well-known/openid-configuration");
  EXPECT_TRUE(
      about("token_endpoint_auth_methods_supported", R"(["client_secret_post"])")->secret_in_body);
  for (const auto& [name, json] : std::map<std::string, std::string>{
           {"issuer", R"("https://id.example/b")"},
           {"token_endpoint", R"("http://id.example/token")"},
           {"jwks_uri", R"("http://127.0.0.1/jwks")"},
           {"authorization_endpoint", R"("javascript:alert")"},
           {"userinfo_endpoint", R"("file:///etc/passwd")"},
           {"response_types_supported", R"(["id_token"])"},
           {"code_challenge_methods_supported", R"(["plain"])"},
           {"id_token_signing_alg_values_supported", R"(["HS256","none"])"}}) {
    EXPECT_FALSE(about(name, json)) << name;
  }
  EXPECT_FALSE(about("token_endpoint", "null"));
}

// --- What claims mean ---------------------------------------------------------------------------

ProviderSettings provider() {
  ProviderSettings settings;
  settings.id = "alfa";
  settings.issuer = "https://id.example";
  settings.domains = {"alfa.example"};
  settings.customer = "alfa";
  return settings;
}

TEST(OidcMeaning, AnEmailCountsWhenTheProviderVerifiedItAndMaySpeakForItsDomain) {
  const auto who = [](std::string_view claims) {
    return identity_of(parsed(claims).root(), provider());
  };
  EXPECT_TRUE(
      who(R"({"sub":"s","email":"Erik@Alfa.Example","email_verified":true})").email_verified);
  EXPECT_EQ(who(R"({"sub":"s","email":"Erik@Alfa.Example"})").email, "erik@alfa.example");
  for (const char* bad :
       {R"({"sub":"s","email":"erik@alfa.example"})",
        R"({"sub":"s","email":"erik@alfa.example","email_verified":false})",
        R"({"sub":"s","email":"erik@alfa.example","email_verified":"false"})",
        R"({"sub":"s","email":"erik@alfa.example","email_verified":0})",
        R"({"sub":"s","email":"erik@evil.example","email_verified":true})",
        R"({"sub":"s","email":"erik@sub.alfa.example","email_verified":true})",
        R"({"sub":"s","email":"erik@evilalfa.example","email_verified":true})",
        R"({"sub":"s","email":"eri\u212A@alfa.example","email_verified":true})",  // a Kelvin sign
        R"({"sub":"s","email":"erik@\uFF41lfa.example","email_verified":true})",
        R"({"sub":"s","email":"a@alfa.example@evil.example","email_verified":true})",
        R"({"sub":"s","email":"a@evil.example@alfa.example","email_verified":true})",
        R"({"sub":"s","email":"evil.example, x@alfa.example","email_verified":true})",
        R"({"sub":"s","email":"@alfa.example","email_verified":true})",
        R"({"sub":"s","email":["erik@alfa.example"],"email_verified":true})",
        R"({"sub":"s","email_verified":true})"}) {
    EXPECT_FALSE(who(bad).email_verified) << bad;
  }
}

TEST(OidcMeaning, NamesAreOneLineAndNeverEmpty) {
  const auto name = [](std::string_view claims) {
    return identity_of(parsed(claims).root(), provider()).name;
  };
  EXPECT_EQ(name(R"({"sub":"s","name":" Erik\r\n\tEk "})"), "Erik Ek");
  EXPECT_EQ(name(R"({"sub":"s","given_name":"Erik","family_name":"Ek"})"), "Erik Ek");
  EXPECT_EQ(name(R"({"sub":"s","email":"erik@alfa.example"})"), "erik");
  EXPECT_EQ(name(R"({"sub":"s"})"), "s");
  EXPECT_EQ(name(R"({"sub":"s","name":")" + std::string(500, 'x') + R"("})").size(), kNameBytesMax);
}

TEST(OidcMeaning, RolesAreWhatTheFileMapsAndNeverMore) {
  ProviderSettings settings = provider();
  settings.roles = {{"leads", "lead"}, {"desk", "agent"}, {"managers", "manager"}};
  const auto may = [&](std::string_view claims) {
    return entitlement_of(parsed(claims).root(), settings);
  };
  EXPECT_EQ(may(R"({"roles":[]})"), (Entitlement{"alfa", "user", ""}));
  EXPECT_EQ(may(R"({"roles":["admin","lead","manager","operator"]})"),
            (Entitlement{"alfa", "user", ""}));  // our words are nobody's claims
  EXPECT_EQ(may(R"({"roles":["desk","leads","desk"]})"), (Entitlement{"alfa", "user", "lead"}));
  EXPECT_EQ(may(R"({"roles":["managers",17,null,{}]})"), (Entitlement{"alfa", "manager", ""}));
  EXPECT_EQ(may(R"({"roles":"leads"})"), (Entitlement{"alfa", "user", "lead"}));
  EXPECT_EQ(may(R"({})"), (Entitlement{"alfa", "user", ""}));
  settings.roles_claim = "realm_access.roles";
  EXPECT_EQ(may(R"({"realm_access":{"roles":["leads"]}})").staff_role, "lead");
  settings.roles_claim = "https://desk.example/roles";
  EXPECT_EQ(may(R"({"https://desk.example/roles":["leads"]})").staff_role, "lead");
  settings.customer.clear();
  EXPECT_EQ(may(R"({"https://desk.example/roles":["managers"]})"), Entitlement{});
}

TEST(OidcMeaning, AClaimMaySayWhoseOneIs) {
  ProviderSettings settings = provider();
  settings.customer.clear();
  settings.customer_claim = "org";
  settings.customers = {{"o-1", "alfa"}, {"o-2", "beta"}};
  const auto may = [&](std::string_view claims) {
    return entitlement_of(parsed(claims).root(), settings);
  };
  EXPECT_EQ(may(R"({"org":"o-2"})"), (Entitlement{"beta", "user", ""}));
  EXPECT_EQ(may(R"({"org":"beta"})"), Entitlement{});
  EXPECT_EQ(may(R"({"org":["o-1"]})"), Entitlement{});
  EXPECT_EQ(may(R"({})"), Entitlement{});
  EXPECT_TRUE(is_for_customer(settings, "beta"));
  EXPECT_FALSE(is_for_customer(settings, "gamma"));
  EXPECT_FALSE(is_for_staff(settings));
}

}  // namespace
}  // namespace ombud::oidc::test
