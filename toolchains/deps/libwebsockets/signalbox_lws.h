// What our patches add to libwebsockets 4.3.5 on mbedTLS. Installed beside its own headers.
#ifndef SIGNALBOX_LWS_H
#define SIGNALBOX_LWS_H
#endif
