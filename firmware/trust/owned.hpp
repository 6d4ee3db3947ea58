#pragma once

namespace signalbox::trust {

/// An mbedTLS context, initialised and freed with its scope: `Owned<T, mbedtls_x_init, mbedtls_x_free>`.
template <typename T, void (*kInit)(T*), void (*kFree)(T*)>
class Owned {
 public:
  Owned() { kInit(&context_); }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() { kFree(&context_); }

  T* get() { return &context_; }
  T* operator->() { return &context_; }

 private:
  T context_;
};

}  // namespace signalbox::trust
