#include "channel/mail/mime/smime.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/objects.h>

#include <memory>

namespace ombud::mail {
namespace {

struct Release {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(CMS_ContentInfo* cms) const { CMS_ContentInfo_free(cms); }
};

}  // namespace

SmimeContent read_smime(std::string_view bytes) {
  SmimeContent found;
  if (bytes.empty() || bytes.size() > kSmimeBytesMax) return found;
  const std::unique_ptr<BIO, Release> in(
      BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
  if (!in) throw std::bad_alloc();
  const std::unique_ptr<CMS_ContentInfo, Release> cms(d2i_CMS_bio(in.get(), nullptr));
  ERR_clear_error();
  if (!cms) return found;
  switch (OBJ_obj2nid(CMS_get0_type(cms.get()))) {
    case NID_pkcs7_signed: {
      ASN1_OCTET_STRING** content = CMS_get0_content(cms.get());
      if (content == nullptr || *content == nullptr) {
        found.kind = SmimeContent::Kind::certificates;  // signed nothing: they carry certificates
        break;
      }
      found.kind = SmimeContent::Kind::signed_data;
      found.content.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(*content)),
                           static_cast<std::size_t>(ASN1_STRING_length(*content)));
      break;
    }
    case NID_pkcs7_enveloped:
    case NID_pkcs7_encrypted:
    case NID_id_smime_ct_authEnvelopedData:
      found.kind = SmimeContent::Kind::encrypted;
      break;
    default:
      break;
  }
  ERR_clear_error();
  return found;
}

}  // namespace ombud::mail
