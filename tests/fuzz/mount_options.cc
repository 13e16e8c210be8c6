// mounts[].options, one a line.
#include "rootfs/mount_options.h"

#include "target.h"

namespace brig::fuzz {

void fuzz_mount_options(std::string_view input) {
  const std::vector<std::string> words = lines_of(input);
  accepts([&] {
    const rootfs::MountOptions options = rootfs::parse_mount_options(words);
    require((options.set & options.clear & ~std::uint64_t{MOUNT_ATTR__ATIME}) == 0,
            "no attribute is both set and cleared");
    rootfs::join_parameters(options.parameters);
  });
}

}  // namespace brig::fuzz
