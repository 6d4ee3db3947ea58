#include "link/cut_records.hpp"

#include <mbedtls/platform.h>
#include <mbedtls/platform_util.h>

namespace signalbox::link {

CutRecords::Block* CutRecords::take(void* owner, std::size_t bytes, Instant since) {
  if (gauge_.used + bytes > gauge_.capacity) return nullptr;
  auto* block = static_cast<Block*>(mbedtls_calloc(1, sizeof(Block) + bytes));
  if (block == nullptr) return nullptr;
  *block = {.older = newest_, .newer = nullptr, .owner = owner, .since = since, .room = bytes};
  (newest_ != nullptr ? newest_->newer : oldest_) = block;
  newest_ = block;
  gauge_.took(bytes);
  return block;
}

void CutRecords::give_back(Block& block) {
  (block.older != nullptr ? block.older->newer : oldest_) = block.newer;
  (block.newer != nullptr ? block.newer->older : newest_) = block.older;
  gauge_.gave_back(block.room);
  mbedtls_platform_zeroize(&block, sizeof(Block) + block.room);
  mbedtls_free(&block);
}

}  // namespace signalbox::link
