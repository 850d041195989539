/* Addresses of the kernel's own families (the manual: library/socket, "Socket families"). */
#include "modules/_socket/link_addresses.h"

#include <linux/can.h>
#include <linux/if_alg.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/qrtr.h>
#include <linux/tipc.h>
#include <linux/vm_sockets.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

/* Any Bluetooth address, in the order of the protocols' numbers. */
typedef union {
    struct { sa_family_t family; uint16_t port; BluetoothAddress device; uint16_t cid; uint8_t kind; } l2cap;
    struct { sa_family_t family; uint16_t device, channel; } hci;
    struct { sa_family_t family; BluetoothAddress device; } sco;
    struct { sa_family_t family; BluetoothAddress device; uint8_t channel; } rfcomm;
} BluetoothSocketAddress;
static_assert(sizeof(BluetoothSocketAddress) == 14, "the kernel's layout");

/* Puts an address of one family where any fits. */
static bool fill(Address *address, socklen_t *length, const void *from, size_t size)
{
    memcpy(address, from, size);
    *length = (socklen_t)size;
    return true;
}

/* `parentheses`: "()", but for the families that forgot it. */
static bool check_tuple(PyObject *o, const char *function, const char *parentheses, const char *family)
{
    if (PyTuple_Check(o)) return true;
    PyErr_Format(PyExc_TypeError, "%s%s: %s address must be tuple, not %.500s", function, parentheses, family, Py_TYPE(o)->tp_name);
    return false;
}

/* ---- From Python ---------------------------------------------------------------------------------------------------- */

static bool netlink_address(PyObject *o, Address *address, socklen_t *length, const char *function)
{
    struct sockaddr_nl a = {.nl_family = AF_NETLINK};
    if (!check_tuple(o, function, "()", "AF_NETLINK")) return false;
    if (!PyArg_ParseTuple(o, "II;AF_NETLINK address must be a pair (pid, groups)", &a.nl_pid, &a.nl_groups)) return false;
    return fill(address, length, &a, sizeof a);
}

static bool router_address(PyObject *o, Address *address, socklen_t *length)
{
    struct sockaddr_qrtr a = {.sq_family = AF_QIPCRTR};
    if (!check_tuple(o, "getsockaddrarg", "", "AF_QIPCRTR")) return false;
    return PyArg_ParseTuple(o, "II:getsockaddrarg", &a.sq_node, &a.sq_port) && fill(address, length, &a, sizeof a);
}

static bool vm_address(PyObject *o, Address *address, socklen_t *length)
{
    struct sockaddr_vm a = {.svm_family = AF_VSOCK};
    if (!check_tuple(o, "getsockaddrarg", "", "AF_VSOCK")) return false;
    return PyArg_ParseTuple(o, "II:getsockaddrarg", &a.svm_cid, &a.svm_port) && fill(address, length, &a, sizeof a);
}

static bool parse_device(const char *text, BluetoothAddress *device)
{
    unsigned b[6];
    char rest;
    bool ok = sscanf(text, "%X:%X:%X:%X:%X:%X%c", &b[5], &b[4], &b[3], &b[2], &b[1], &b[0], &rest) == 6;
    for (int i = 0; ok && i < 6; i++) {
        ok = b[i] < 256;
        device->parts[i] = (uint8_t)b[i];
    }
    if (!ok) PyErr_SetString(PyExc_OSError, "bad bluetooth address");
    return ok;
}

static bool bluetooth_address(int proto, PyObject *o, Address *address, socklen_t *length, const char *function)
{
    BluetoothSocketAddress a = {0};
    const char *device = NULL;
    BluetoothAddress *place = NULL;
    size_t size = 0;
    int number = 0;
    bool parsed = false;
    switch (proto) {
    case BTPROTO_L2CAP:
        parsed = PyArg_ParseTuple(o, "si", &device, &number);
        a.l2cap.port = (uint16_t)number;
        place = &a.l2cap.device;
        size = sizeof a.l2cap;
        break;
    case BTPROTO_RFCOMM:
        parsed = PyArg_ParseTuple(o, "si", &device, &number);
        a.rfcomm.channel = (uint8_t)number;
        place = &a.rfcomm.device;
        size = sizeof a.rfcomm;
        break;
    case BTPROTO_HCI:
        parsed = PyArg_ParseTuple(o, "i", &number);
        a.hci.device = (uint16_t)number;
        size = sizeof a.hci;
        break;
    case BTPROTO_SCO:
        parsed = PyBytes_Check(o);
        device = parsed ? PyBytes_AS_STRING(o) : NULL;
        place = &a.sco.device;
        size = sizeof a.sco;
        break;
    default:
        PyErr_Format(PyExc_OSError, "%s(): unknown Bluetooth protocol", function);
        return false;
    }
    if (!parsed) {
        PyErr_Format(PyExc_OSError, "%s(): wrong format", function);
        return false;
    }
    a.l2cap.family = AF_BLUETOOTH;
    if (place && !parse_device(device, place)) return false;
    return fill(address, length, &a, size);
}

/* The index of an interface whose name fits. -1 with an exception set. */
static int find_interface(const Socket *s, const char *name)
{
    struct ifreq request = {0};
    strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
    if (ioctl(s->fd, SIOCGIFINDEX, &request) == 0) return request.ifr_ifindex;
    PyErr_SetFromErrno(PyExc_OSError);
    return -1;
}

static bool packet_address(const Socket *s, PyObject *o, Address *address, socklen_t *length, const char *function)
{
    const char *interface;
    int proto, packet_type = 0, hardware_type = 0;
    Py_buffer hardware = {0};
    if (!check_tuple(o, function, "()", "AF_PACKET")) return false;
    if (!PyArg_ParseTuple(o, "si|iiy*;AF_PACKET address must be a tuple of two to five elements", &interface, &proto, &packet_type,
                          &hardware_type, &hardware)) {
        if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
            PyErr_Format(PyExc_OverflowError, "%s(): address argument out of range", function);
        }
        return false;
    }
    int index = find_interface(s, interface);
    if (index < 0) goto error;
    if (hardware.buf && hardware.len > 8) {
        PyErr_SetString(PyExc_ValueError, "Hardware address must be 8 bytes or less");
        goto error;
    }
    if (proto < 0 || proto > 0xffff) {
        PyErr_Format(PyExc_OverflowError, "%s(): proto must be 0-65535.", function);
        goto error;
    }
    struct sockaddr_ll a = {.sll_family = AF_PACKET, .sll_protocol = htons((uint16_t)proto), .sll_ifindex = index,
                            .sll_pkttype = (unsigned char)packet_type, .sll_hatype = (unsigned short)hardware_type};
    if (hardware.buf) {
        memcpy(a.sll_addr, hardware.buf, (size_t)hardware.len);
        a.sll_halen = (unsigned char)hardware.len;
    }
    PyBuffer_Release(&hardware);
    return fill(address, length, &a, sizeof a);
error:
    PyBuffer_Release(&hardware);
    return false;
}

static bool tipc_address(PyObject *o, Address *address, socklen_t *length, const char *function)
{
    unsigned kind, v1, v2, v3, scope = TIPC_CLUSTER_SCOPE;
    if (!check_tuple(o, function, "()", "AF_TIPC")) return false;
    if (!PyArg_ParseTuple(o, "IIII|I;AF_TIPC address must be a tuple (addr_type, v1, v2, v3[, scope])", &kind, &v1, &v2, &v3, &scope)) {
        return false;
    }
    struct sockaddr_tipc a = {.family = AF_TIPC, .addrtype = (unsigned char)kind, .scope = (signed char)scope};
    switch (kind) {
    case TIPC_SERVICE_RANGE: a.addr.nameseq = (struct tipc_service_range){v1, v2, v3}; break;
    case TIPC_SERVICE_ADDR: a.addr.name.name = (struct tipc_service_addr){v1, v2}; break;
    case TIPC_SOCKET_ADDR: a.addr.id = (struct tipc_socket_addr){.node = v1, .ref = v2}; break;
    default:
        PyErr_SetString(PyExc_TypeError, "Invalid address type");
        return false;
    }
    return fill(address, length, &a, sizeof a);
}

static bool can_interface(const Socket *s, PyObject *name, struct sockaddr_can *a)
{
    if (PyBytes_GET_SIZE(name) >= IFNAMSIZ) {
        PyErr_SetString(PyExc_OSError, "AF_CAN interface name too long");
        return false;
    }
    a->can_ifindex = PyBytes_GET_SIZE(name) ? find_interface(s, PyBytes_AS_STRING(name)) : 0;
    return a->can_ifindex >= 0;
}

static bool can_address(const Socket *s, PyObject *o, Address *address, socklen_t *length, const char *function)
{
    struct sockaddr_can a = {.can_family = AF_CAN};
    PyObject *interface = NULL;
    bool parsed;
    switch (s->proto) {
    case CAN_RAW:
    case CAN_BCM:
        if (!check_tuple(o, function, "()", "AF_CAN")) return false;
        parsed = PyArg_ParseTuple(o, "O&;AF_CAN address must be a tuple (interface, )", PyUnicode_FSConverter, &interface);
        break;
    case CAN_ISOTP: {
        unsigned long receiver, sender;
        parsed = PyArg_ParseTuple(o, "O&kk", PyUnicode_FSConverter, &interface, &receiver, &sender);
        if (parsed) a.can_addr.tp.rx_id = (canid_t)receiver, a.can_addr.tp.tx_id = (canid_t)sender;
        break;
    }
    case CAN_J1939: {
        unsigned long long name;
        unsigned group;
        unsigned char number;
        parsed = PyArg_ParseTuple(o, "O&KIB", PyUnicode_FSConverter, &interface, &name, &group, &number);
        if (parsed) a.can_addr.j1939.name = name, a.can_addr.j1939.pgn = group, a.can_addr.j1939.addr = number;
        break;
    }
    default:
        PyErr_Format(PyExc_OSError, "%s(): unsupported CAN protocol", function);
        return false;
    }
    if (!parsed) return false;
    bool ok = can_interface(s, interface, &a);
    Py_DECREF(interface);
    return ok && fill(address, length, &a, sizeof a);
}

static bool algorithm_address(PyObject *o, Address *address, socklen_t *length, const char *function)
{
    struct sockaddr_alg a = {.salg_family = AF_ALG};
    const char *type, *name;
    uint16_t features = 0, mask = 0;
    if (!check_tuple(o, function, "()", "AF_ALG")) return false;
    if (!PyArg_ParseTuple(o, "ss|HH;AF_ALG address must be a tuple (type, name[, feat[, mask]])", &type, &name, &features, &mask)) {
        return false;
    }
    a.salg_feat = features;
    a.salg_mask = mask;
    if (strlen(type) >= sizeof a.salg_type) PyErr_SetString(PyExc_ValueError, "AF_ALG type too long.");
    else if (strlen(name) >= sizeof a.salg_name) PyErr_SetString(PyExc_ValueError, "AF_ALG name too long.");
    else {
        memcpy(a.salg_type, type, strlen(type));
        memcpy(a.salg_name, name, strlen(name));
        return fill(address, length, &a, sizeof a);
    }
    return false;
}

bool link_address_from_object(const Socket *s, PyObject *o, Address *address, socklen_t *length, const char *function)
{
    switch (s->family) {
    case AF_NETLINK: return netlink_address(o, address, length, function);
    case AF_QIPCRTR: return router_address(o, address, length);
    case AF_VSOCK: return vm_address(o, address, length);
    case AF_BLUETOOTH: return bluetooth_address(s->proto, o, address, length, function);
    case AF_PACKET: return packet_address(s, o, address, length, function);
    case AF_TIPC: return tipc_address(o, address, length, function);
    case AF_CAN: return can_address(s, o, address, length, function);
    case AF_ALG: return algorithm_address(o, address, length, function);
    default:
        PyErr_Format(PyExc_OSError, "%s(): bad family", function);
        return false;
    }
}

/* ---- To Python ------------------------------------------------------------------------------------------------------ */

static PyObject *device_text(const BluetoothAddress *device)
{
    const uint8_t *b = device->parts;
    char text[18];
    snprintf(text, sizeof text, "%02X:%02X:%02X:%02X:%02X:%02X", b[5], b[4], b[3], b[2], b[1], b[0]);
    return PyUnicode_FromString(text);
}

static PyObject *bluetooth_object(const BluetoothSocketAddress *a, int proto)
{
    switch (proto) {
    case BTPROTO_L2CAP: return Py_BuildValue("Ni", device_text(&a->l2cap.device), a->l2cap.port);
    case BTPROTO_RFCOMM: return Py_BuildValue("Ni", device_text(&a->rfcomm.device), a->rfcomm.channel);
    case BTPROTO_HCI: return Py_BuildValue("i", a->hci.device);
    case BTPROTO_SCO: return device_text(&a->sco.device);
    default:
        PyErr_SetString(PyExc_ValueError, "Unknown Bluetooth protocol");
        return NULL;
    }
}

/* The name of an interface, "" for none; `name` has room for it. */
static const char *interface_name(int index, char name[IFNAMSIZ])
{
    name[0] = '\0';
    return index && if_indextoname((unsigned)index, name) ? name : "";
}

static PyObject *tipc_object(const struct sockaddr_tipc *a)
{
    switch (a->addrtype) {
    case TIPC_SERVICE_RANGE:
        return Py_BuildValue("IIIII", a->addrtype, a->addr.nameseq.type, a->addr.nameseq.lower, a->addr.nameseq.upper, a->scope);
    case TIPC_SERVICE_ADDR: {
        const struct tipc_service_addr *name = &a->addr.name.name;
        return Py_BuildValue("IIIII", a->addrtype, name->type, name->instance, name->instance, a->scope);
    }
    case TIPC_SOCKET_ADDR: return Py_BuildValue("IIIII", a->addrtype, a->addr.id.node, a->addr.id.ref, 0, a->scope);
    default:
        PyErr_SetString(PyExc_ValueError, "Invalid address type");
        return NULL;
    }
}

static PyObject *can_object(const struct sockaddr_can *a, int proto)
{
    char room[IFNAMSIZ];
    const char *interface = interface_name(a->can_ifindex, room);
    switch (proto) {
    case CAN_ISOTP:
        return Py_BuildValue("O&kk", PyUnicode_DecodeFSDefault, interface, (unsigned long)a->can_addr.tp.rx_id,
                             (unsigned long)a->can_addr.tp.tx_id);
    case CAN_J1939:
        return Py_BuildValue("O&KIB", PyUnicode_DecodeFSDefault, interface, (unsigned long long)a->can_addr.j1939.name,
                             a->can_addr.j1939.pgn, a->can_addr.j1939.addr);
    default: return Py_BuildValue("(O&)", PyUnicode_DecodeFSDefault, interface);
    }
}

PyObject *link_address_to_object(const Address *address, socklen_t length, int proto)
{
    switch (address->any.sa_family) {
    case AF_NETLINK: {
        const struct sockaddr_nl *a = (const struct sockaddr_nl *)address;
        return Py_BuildValue("II", a->nl_pid, a->nl_groups);
    }
    case AF_QIPCRTR: {
        const struct sockaddr_qrtr *a = (const struct sockaddr_qrtr *)address;
        return Py_BuildValue("II", a->sq_node, a->sq_port);
    }
    case AF_VSOCK: {
        const struct sockaddr_vm *a = (const struct sockaddr_vm *)address;
        return Py_BuildValue("II", a->svm_cid, a->svm_port);
    }
    case AF_PACKET: {
        const struct sockaddr_ll *a = (const struct sockaddr_ll *)address;
        char room[IFNAMSIZ];
        return Py_BuildValue("shbhy#", interface_name(a->sll_ifindex, room), ntohs(a->sll_protocol), a->sll_pkttype, a->sll_hatype,
                             (const char *)a->sll_addr, (Py_ssize_t)a->sll_halen);
    }
    case AF_ALG: {
        const struct sockaddr_alg *a = (const struct sockaddr_alg *)address;
        return Py_BuildValue("s#s#HH", (const char *)a->salg_type, (Py_ssize_t)strnlen((const char *)a->salg_type, sizeof a->salg_type),
                             (const char *)a->salg_name, (Py_ssize_t)strnlen((const char *)a->salg_name, sizeof a->salg_name),
                             a->salg_feat, a->salg_mask);
    }
    case AF_BLUETOOTH: return bluetooth_object((const BluetoothSocketAddress *)address, proto);
    case AF_TIPC: return tipc_object((const struct sockaddr_tipc *)address);
    case AF_CAN: return can_object((const struct sockaddr_can *)address, proto);
    default:
        return Py_BuildValue("iy#", address->any.sa_family, address->any.sa_data, (Py_ssize_t)(length - sizeof(sa_family_t)));
    }
}
