// can-send INTERFACE FRAME...: sends frames on a CAN interface, a hundredth of a second apart. FRAME: ID#BYTES in hexadecimal, as can-utils
// have it: three digits for an identifier of 11 bits, eight for one of 29, or for an error frame with its bit 29 set (linux/can/error.h).
#include <linux/can.h>
#include <linux/can/raw.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int parse(const char* text, struct can_frame* frame) {
  char* end;
  memset(frame, 0, sizeof *frame);
  frame->can_id = (canid_t)strtoul(text, &end, 16);
  if (*end != '#') return 0;
  if (end - text == 8 && !(frame->can_id & CAN_ERR_FLAG)) frame->can_id |= CAN_EFF_FLAG;
  for (end++; *end && frame->can_dlc < CAN_MAX_DLEN; end += 2) {
    unsigned byte;
    if (sscanf(end, "%2x", &byte) != 1) return 0;
    frame->data[frame->can_dlc++] = (unsigned char)byte;
  }
  return *end == '\0';
}

int main(int argc, char** argv) {
  struct ifreq interface = {0};
  struct sockaddr_can address = {.can_family = AF_CAN};
  int bus = socket(AF_CAN, SOCK_RAW, CAN_RAW);
  if (argc < 3 || bus < 0) return 2;
  strncpy(interface.ifr_name, argv[1], IFNAMSIZ - 1);
  if (ioctl(bus, SIOCGIFINDEX, &interface) != 0) return 2;
  address.can_ifindex = interface.ifr_ifindex;
  if (bind(bus, (struct sockaddr*)&address, sizeof address) != 0) return 2;
  for (int i = 2; i < argc; i++) {
    struct can_frame frame;
    if (!parse(argv[i], &frame) || write(bus, &frame, sizeof frame) != sizeof frame) {
      fprintf(stderr, "can-send: %s cannot be sent on %s\n", argv[i], argv[1]);
      return 1;
    }
    usleep(10000);
  }
  return 0;
}
