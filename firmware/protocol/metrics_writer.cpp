#include "protocol/metrics_writer.hpp"

#include <cmath>

#include "protocol/number_text.hpp"

namespace signalbox::protocol {
namespace {

FixedText<24> figure_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return number_text(value);
}

}  // namespace

bool MetricsWriter::begin() {
  const bool is_wanted = count_++ >= first_ && !is_full_;
  before_ = text_.size();
  return is_wanted;
}

void MetricsWriter::end() {
  if (text_.fits()) return;
  text_.back_to(before_);
  is_full_ = true;
  next_ = count_ - 1;
}

void MetricsWriter::family(std::string_view name, std::string_view type, std::string_view help) {
  family_ = name;
  if (!begin()) return;
  text_.put("# HELP ").put(name).put(" ").put(help).put("\n# TYPE ").put(name).put(" ").put(type).put("\n");
  end();
}

void MetricsWriter::sample(std::string_view suffix, double value, Labels labels) {
  if (!begin()) return;
  text_.put(family_).put(suffix);
  std::string_view separator = "{";
  for (const Label& label : labels) {
    text_.put(separator).put(label.name).put("=\"").escaped(label.value, "\"\\").put("\"");
    separator = ",";
  }
  text_.put(labels.size() > 0 ? "} " : " ").put(figure_text(value)).put("\n");
  end();
}

}  // namespace signalbox::protocol
