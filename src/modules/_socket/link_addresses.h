/* Addresses of the kernel's own families: netlink, packet, CAN, TIPC, cryptography, Bluetooth, Qualcomm's router, virtual machines.
 *
 * Not part of socket.h, for some of the system's headers that it needs declare much.
 */
#ifndef KRAIT_MODULES_SOCKET_LINK_ADDRESSES_H
#define KRAIT_MODULES_SOCKET_LINK_ADDRESSES_H

#include "modules/_socket/socket.h"

/* The kernel's Bluetooth numbers and addresses, whose header is a package of its own. */
enum { BTPROTO_L2CAP = 0, BTPROTO_HCI = 1, BTPROTO_SCO = 2, BTPROTO_RFCOMM = 3 };
enum { SOL_HCI = 0, HCI_DATA_DIR = 1, HCI_FILTER = 2, HCI_TIME_STAMP = 3 };
/* What the kernel's cryptography and UDP-Lite understand, and no header of user space says. */
enum { ALG_OP_SIGN = 2, ALG_OP_VERIFY = 3, ALG_SET_PUBKEY = 6, UDPLITE_SEND_CSCOV = 10, UDPLITE_RECV_CSCOV = 11 };

/* The last part of the written form comes first. */
typedef struct { uint8_t parts[6]; } BluetoothAddress;

/* As address_from_object() and address_to_object() of socket.h, which pass on what is neither internet nor local. */
bool link_address_from_object(const Socket *s, PyObject *o, Address *address, socklen_t *length, const char *function);
PyObject *link_address_to_object(const Address *address, socklen_t length, int proto);

#endif
