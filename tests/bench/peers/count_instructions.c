// A plugin for QEMU's user mode that prints how many instructions the program it runs executes. Debian packages no
// header of the interface; what is used of it (version 1, QEMU 4.2 and later) is declared here.
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct qemu_plugin_tb;
typedef uint64_t plugin_id;
enum { kAdd = 0 };  // qemu_plugin_op: QEMU_PLUGIN_INLINE_ADD_U64

extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb*));
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb*);
extern void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb*, int operation, void* to, uint64_t by);
extern void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void*), void*);

int qemu_plugin_version = 1;

// Threads add to it without a lock, so of a program with several some may be lost.
static uint64_t executed;

static void translate(plugin_id id, struct qemu_plugin_tb* block) {
  (void)id;
  qemu_plugin_register_vcpu_tb_exec_inline(block, kAdd, &executed, qemu_plugin_tb_n_insns(block));
}

static void tell(plugin_id id, void* unused) {
  (void)id;
  (void)unused;
  fprintf(stderr, "instructions: %llu\n", (unsigned long long)executed);
}

int qemu_plugin_install(plugin_id id, const void* about, int count, char** words) {
  (void)about;
  (void)count;
  (void)words;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
  qemu_plugin_register_atexit_cb(id, tell, NULL);
  return 0;
}
