#include "journal/verifier.hpp"

#include <algorithm>
#include <cinttypes>

namespace signalbox::journal {
namespace {

/// Two digests, as far as a person compares them.
FixedText<95> found_digest(const Digest& found, const Digest& expected) {
  return format_text<95>("found %.16s...; expected %.16s...", text_of(found).c_str(),
                         text_of(expected).c_str());
}

}  // namespace

Result<void> Verifier::take(std::string_view line) {
  const Result<Proof> proof = read_line(line);
  if (!proof) return proof.error();
  if (!proof->proves())
    return Error{
        .reason = Reason::mismatch, .detail = found_digest(proof->hash, proof->computed), .field = "hash"};
  const Result<void> order = check_order(*proof);
  if (!order) return order.error();
  if (proven_ == 0) first_ = proof->sequence;
  ++proven_;
  if (proof->kind == Record::Kind::gap) ++gaps_;
  last_ = proof->sequence;
  head_ = proof->hash;
  ends_stopped_ = proof->kind == Record::Kind::ended;
  return {};
}

/// A gap that knows how many it stands for has the number of the last of them.
Result<void> Verifier::check_order(const Proof& proof) const {
  const bool is_first = proven_ == 0;
  const std::uint64_t expected = last_ + std::max<std::uint64_t>(proof.lost, 1);
  if (!is_first && proof.sequence != expected)
    return Error{.reason = Reason::mismatch,
                 .detail = format_text<95>("found %" PRIu64 "; expected %" PRIu64
                                           ": removed, reordered, or files not oldest first",
                                           proof.sequence, expected),
                 .field = "sequence"};
  const bool begins = is_first && proof.sequence > std::max<std::uint64_t>(proof.lost, 1);
  if (!begins && proof.previous != head_)
    return Error{
        .reason = Reason::mismatch, .detail = found_digest(proof.previous, head_), .field = "previous"};
  return {};
}

}  // namespace signalbox::journal
