// can-up INTERFACE BITRATE: what `ip link set INTERFACE up type can bitrate BITRATE` does, which busybox cannot.
#include <linux/can/netlink.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static struct {
  struct nlmsghdr head;
  struct ifinfomsg link;
  char attributes[256];
} request;

static struct rtattr* add(unsigned short type, const void* holds, unsigned short size) {
  struct rtattr* made = (struct rtattr*)((char*)&request + NLMSG_ALIGN(request.head.nlmsg_len));
  made->rta_type = type;
  made->rta_len = (unsigned short)RTA_LENGTH(size);
  if (size) memcpy(RTA_DATA(made), holds, size);
  request.head.nlmsg_len = NLMSG_ALIGN(request.head.nlmsg_len) + RTA_ALIGN(made->rta_len);
  return made;
}

/// What was added since is within it.
static void close_at_end(struct rtattr* its) {
  its->rta_len = (unsigned short)((char*)&request + request.head.nlmsg_len - (char*)its);
}

static int asked(int socket) {
  struct {
    struct nlmsghdr head;
    struct nlmsgerr error;
    char rest[1024];
  } answer;
  return send(socket, &request, request.head.nlmsg_len, 0) > 0 && recv(socket, &answer, sizeof answer, 0) > 0 &&
         answer.head.nlmsg_type == NLMSG_ERROR && answer.error.error == 0;
}

int main(int argc, char** argv) {
  int socket_ = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  if (argc != 3 || socket_ < 0) return 2;
  request.head.nlmsg_len = NLMSG_LENGTH(sizeof request.link);
  request.head.nlmsg_type = RTM_NEWLINK;
  request.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  request.link.ifi_index = (int)if_nametoindex(argv[1]);
  request.link.ifi_change = request.link.ifi_flags = IFF_UP;
  const struct can_bittiming timing = {.bitrate = (unsigned)atoi(argv[2])};
  struct rtattr* about = add(IFLA_LINKINFO, NULL, 0);
  add(IFLA_INFO_KIND, "can", 3);
  struct rtattr* controller = add(IFLA_INFO_DATA, NULL, 0);
  add(IFLA_CAN_BITTIMING, &timing, sizeof timing);
  close_at_end(controller);
  close_at_end(about);
  if (asked(socket_)) return 0;
  fprintf(stderr, "can-up: %s does not come up at %s bit/s\n", argv[1], argv[2]);
  return 1;
}
