#include "base/elf.hpp"

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <string_view>

namespace ombud {
namespace {

template <class T>
const T* object_at(const std::string& image, std::uint64_t offset, std::uint64_t count = 1) {
  if (offset > image.size() || count > (image.size() - offset) / sizeof(T)) return nullptr;
  return reinterpret_cast<const T*>(image.data() + offset);
}

}  // namespace

std::vector<std::string> exported_symbols(const std::string& image) {
  std::vector<std::string> names;
  const auto* header = object_at<Elf64_Ehdr>(image, 0);
  if (header == nullptr || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
      header->e_ident[EI_CLASS] != ELFCLASS64) {
    return names;
  }
  const auto* sections = object_at<Elf64_Shdr>(image, header->e_shoff, header->e_shnum);
  if (sections == nullptr) return names;
  for (unsigned i = 0; i < header->e_shnum; ++i) {
    if (sections[i].sh_type != SHT_DYNSYM || sections[i].sh_link >= header->e_shnum) continue;
    const Elf64_Shdr& strings = sections[sections[i].sh_link];
    const std::uint64_t count = sections[i].sh_size / sizeof(Elf64_Sym);
    const auto* symbols = object_at<Elf64_Sym>(image, sections[i].sh_offset, count);
    const auto* texts = object_at<char>(image, strings.sh_offset, strings.sh_size);
    if (symbols == nullptr || texts == nullptr) continue;
    for (std::uint64_t s = 0; s < count; ++s) {
      const unsigned binding = ELF64_ST_BIND(symbols[s].st_info);
      const unsigned visibility = ELF64_ST_VISIBILITY(symbols[s].st_other);
      const bool offered = symbols[s].st_shndx != SHN_UNDEF && binding != STB_LOCAL &&
                           (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
      if (!offered || symbols[s].st_name >= strings.sh_size) continue;
      const std::string_view rest(texts + symbols[s].st_name, strings.sh_size - symbols[s].st_name);
      names.emplace_back(rest.substr(0, rest.find('\0')));
    }
  }
  return names;
}

}  // namespace ombud
