// The published descriptions say what the standard says of names, types, enums and what is
// required.
#include <gtest/gtest.h>

#include <set>

#include "world.hpp"

namespace ombud::http::test {
namespace {

using Names = std::set<std::string>;

Names texts_of(json::View list) {
  Names all;
  for (std::size_t i = 0; i < list.size(); ++i) all.emplace(list.at(i).text());
  return all;
}

const Names kStatuses{"acknowledged", "rejected",  "pending", "held",
                      "inProgress",   "cancelled", "closed",  "resolved"};

TEST(Tmf621ContractTest, V4SaysWhatTheStandardSays) {
  const tmf::Contract contract(tmf::kV4Text);
  const auto required = [&](const char* name) {
    return texts_of(contract.schema(name)["required"]);
  };
  const auto members = [&](const char* name) {
    return names_of(contract.schema(name)["properties"]);
  };
  EXPECT_EQ(texts_of(contract.schema("TroubleTicketStatusType")["enum"]), kStatuses);
  EXPECT_EQ(required("TroubleTicket_Create"), (Names{"description", "severity", "ticketType"}));
  EXPECT_EQ(required("TroubleTicket_Update"), Names{});
  EXPECT_EQ(required("TroubleTicket"), Names{});
  EXPECT_EQ(required("Error"), (Names{"code", "reason"}));
  EXPECT_EQ(required("RelatedEntity"), (Names{"id", "role", "@referredType"}));
  EXPECT_EQ(required("RelatedParty"), (Names{"id", "@referredType"}));
  EXPECT_EQ(required("ChannelRef"), Names{"id"});
  EXPECT_EQ(required("TroubleTicketRelationship"), Names{});
  EXPECT_EQ(required("EventSubscriptionInput"), Names{"callback"});
  EXPECT_EQ(required("EventSubscription"), (Names{"id", "callback"}));
  Names all = members("TroubleTicket");
  for (const char* name : {"id",
                           "href",
                           "creationDate",
                           "lastUpdate",
                           "description",
                           "severity",
                           "ticketType",
                           "name",
                           "priority",
                           "status",
                           "statusChangeReason",
                           "statusChangeDate",
                           "statusChange",
                           "expectedResolutionDate",
                           "requestedResolutionDate",
                           "resolutionDate",
                           "externalId",
                           "attachment",
                           "channel",
                           "note",
                           "relatedEntity",
                           "relatedParty",
                           "troubleTicketRelationship",
                           "@type",
                           "@baseType",
                           "@schemaLocation"}) {
    EXPECT_EQ(all.erase(name), 1U) << name;
  }
  EXPECT_EQ(all, Names{});
  Names update = members("TroubleTicket_Update");
  for (const char* name :
       {"id", "href", "creationDate", "lastUpdate", "statusChangeDate", "statusChange"}) {
    EXPECT_FALSE(update.contains(name)) << name;
  }
  EXPECT_FALSE(members("TroubleTicket_Create").contains("id"));
  EXPECT_TRUE(members("TroubleTicketCreateEvent").contains("timeOcurred"));
  EXPECT_FALSE(members("TroubleTicketCreateEvent").contains("fieldPath"));
  EXPECT_TRUE(members("TroubleTicketAttributeValueChangeEvent").contains("fieldPath"));
  EXPECT_FALSE(members("TroubleTicketAttributeValueChangeEvent").contains("href"));
  EXPECT_TRUE(members("TroubleTicketInformationRequiredEvent").contains("fieldPath"));
}

TEST(Tmf621ContractTest, V5SaysWhatTheStandardSays) {
  const tmf::Contract contract(tmf::kV5Text);
  const auto required = [&](const char* name) {
    return texts_of(contract.schema(name)["required"]);
  };
  const auto members = [&](const char* name) {
    return names_of(contract.schema(name)["properties"]);
  };
  EXPECT_EQ(texts_of(contract.schema("TroubleTicketStatusType")["enum"]), kStatuses);
  EXPECT_EQ(required("TroubleTicket_FVO"),
            (Names{"description", "severity", "ticketType", "@type"}));
  EXPECT_EQ(required("TroubleTicket"), (Names{"id", "href", "@type"}));
  EXPECT_EQ(required("Hub_FVO"), (Names{"callback", "@type"}));
  EXPECT_EQ(required("ExternalIdentifier"), (Names{"id", "@type"}));
  EXPECT_EQ(required("RelatedEntity"), (Names{"role", "entity", "@type"}));
  EXPECT_EQ(required("TroubleTicketRelationship"), (Names{"id", "relationshipType", "@type"}));
  EXPECT_TRUE(required("Error").contains("@type"));
  for (const char* name : {"creationDate", "lastUpdate", "statusChangeHistory"}) {
    EXPECT_FALSE(members("TroubleTicket_FVO").contains(name)) << name;
  }
  for (const char* name : {"creationDate", "lastUpdate", "statusChangeDate"}) {
    EXPECT_FALSE(members("TroubleTicket_MVO").contains(name)) << name;
  }
  EXPECT_TRUE(members("TroubleTicket_MVO").contains("statusChangeHistory"));
  EXPECT_TRUE(members("TroubleTicketCreateEvent").contains("timeOccurred"));
  EXPECT_FALSE(members("TroubleTicketAttributeValueChangeEvent").contains("fieldPath"));
}

TEST(Tmf621ContractTest, EveryOperationIsServedAndEveryReferenceLeadsSomewhere) {
  World world;
  for (const auto& [version, text] :
       {std::pair{std::string("v4"), tmf::kV4Text}, {std::string("v5"), tmf::kV5Text}}) {
    const auto served =
        world.hub.send("GET", "/tmf-api/troubleTicket/" + version + "/openapi.json", "alfa-itsm");
    EXPECT_EQ(served->body, text);
    const auto document = served->json();
    Names described, declared;
    const json::View paths = document["paths"];
    for (std::size_t i = 0; i < paths.size(); ++i) {
      for (const std::string& method : names_of(paths.member_at(i))) {
        std::string upper = method;
        for (char& c : upper) c = static_cast<char>(std::toupper(c));
        described.insert(upper + " " + std::string(paths.name_at(i)));
      }
    }
    const std::string base = "/tmf-api/troubleTicket/" + version;
    for (const auto& route : world.hub.app->router().routes()) {
      if (!route->path.starts_with(base) || route->path.ends_with("openapi.json")) continue;
      declared.insert(std::string(to_text(route->method)) + " " +
                      std::string(route->path.substr(base.size())));
    }
    EXPECT_EQ(described, declared);
    const std::string mark = "#/components/schemas/";
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
      const std::size_t begin = at + mark.size();
      const std::string name(text.substr(begin, text.find('"', begin) - begin));
      EXPECT_TRUE(document["components"]["schemas"][name].present()) << name;
    }
  }
}

}  // namespace
}  // namespace ombud::http::test
