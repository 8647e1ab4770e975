// The functions of dev.libticketing.Native, over the C interface and nothing else. Arrays are
// borrowed or copied for one call; what the library hands out is copied and freed here. After a
// failed call a TicketingException is pending and the value returned means nothing.
#include <jni.h>
#include <stdint.h>
#include <string.h>

#include "dev_libticketing_Native.h"
#include "ticketing/c.h"

// Classes and constructors, found once: a thread that a program attaches sees no other class
// loader.
static jclass exception_class;
static jmethodID exception_init;
static jclass scan_class;
static jmethodID scan_init;

static int find_class(JNIEnv* env, const char* name, const char* signature, jclass* class_out,
                      jmethodID* init_out) {
  const jclass local = (*env)->FindClass(env, name);
  if (local == NULL) return 0;
  *class_out = (*env)->NewGlobalRef(env, local);
  *init_out = (*env)->GetMethodID(env, local, "<init>", signature);
  return *class_out != NULL && *init_out != NULL;
}

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM* vm, void* reserved) {
  JNIEnv* env = NULL;
  (void)reserved;
  if ((*vm)->GetEnv(vm, (void**)&env, JNI_VERSION_1_8) != JNI_OK) return JNI_ERR;
  if (!find_class(env, "dev/libticketing/TicketingException", "(IZ[B)V", &exception_class,
                  &exception_init) ||
      !find_class(env, "dev/libticketing/Scan", "(II[BJJ[B[BJ)V", &scan_class, &scan_init))
    return JNI_ERR;
  return JNI_VERSION_1_8;
}

static jbyteArray bytes_of(JNIEnv* env, ticketing_view_t view) {
  const jbyteArray array = (*env)->NewByteArray(env, (jsize)view.size);
  if (array != NULL)
    (*env)->SetByteArrayRegion(env, array, 0, (jsize)view.size, (const jbyte*)view.data);
  return array;
}

// Copies bytes that the library handed out, and frees them.
static jbyteArray take(JNIEnv* env, ticketing_bytes_t* bytes) {
  const ticketing_view_t view = {bytes->data, bytes->size};
  const jbyteArray array = bytes_of(env, view);
  ticketing_bytes_free(bytes);
  return array;
}

// Throws the exception of a failed call and frees the error. 0 when the call did not fail.
static int throw_if(JNIEnv* env, int32_t code, ticketing_error_t* error) {
  if (code == TICKETING_OK) return 0;
  const jbyteArray message = bytes_of(env, ticketing_error_message(error));
  const jboolean retryable = ticketing_error_retryable(error) != 0;
  ticketing_error_free(error);
  if (message == NULL) return 1;  // OutOfMemoryError is pending
  const jthrowable exception =
      (*env)->NewObject(env, exception_class, exception_init, (jint)code, retryable, message);
  if (exception != NULL) (*env)->Throw(env, exception);
  return 1;
}

// The bytes of an array for the time of a call.
typedef struct {
  jbyteArray array;
  jbyte* data;
  ticketing_view_t view;
} borrowed_t;

static borrowed_t borrow(JNIEnv* env, jbyteArray array) {
  borrowed_t bytes = {array, (*env)->GetByteArrayElements(env, array, NULL), {NULL, 0}};
  bytes.view.data = (const uint8_t*)bytes.data;
  bytes.view.size = bytes.data == NULL ? 0 : (size_t)(*env)->GetArrayLength(env, array);
  return bytes;
}

static void give_back(JNIEnv* env, const borrowed_t* bytes) {
  if (bytes->data != NULL)
    (*env)->ReleaseByteArrayElements(env, bytes->array, bytes->data, JNI_ABORT);
}

// A seed is copied into memory that is ours to wipe. A wrong length stays wrong.
enum { kSeedRoom = 64 };

static ticketing_view_t read_seed(JNIEnv* env, jbyteArray array, uint8_t room[kSeedRoom]) {
  const jsize length = (*env)->GetArrayLength(env, array);
  const jsize kept = length < kSeedRoom ? length : kSeedRoom;
  (*env)->GetByteArrayRegion(env, array, 0, kept, (jbyte*)room);
  const ticketing_view_t view = {room, (size_t)kept};
  return view;
}

static void wipe(uint8_t room[kSeedRoom]) {
  volatile uint8_t* const bytes = room;
  for (int i = 0; i < kSeedRoom; ++i) bytes[i] = 0;
}

static void* pointer(jlong handle) {
  return (void*)(intptr_t)handle;
}

static jlong number(const void* handle) {
  return (jlong)(intptr_t)handle;
}

// A ticket crosses as nine numbers, in this order. Numbers below zero become large ones here, which
// the library refuses.
enum { kForm, kTicketId, kEvent, kOrdinal, kIssue, kZone, kType, kKeyId, kWindow, kTicketFields };

static ticketing_ticket_t read_ticket(JNIEnv* env, jlongArray array) {
  jlong fields[kTicketFields] = {0};
  ticketing_ticket_t ticket;
  (*env)->GetLongArrayRegion(env, array, 0, kTicketFields, fields);
  memset(&ticket, 0, sizeof ticket);
  ticket.struct_size = sizeof ticket;
  ticket.form = (int32_t)fields[kForm];
  ticket.ticket_id = (uint64_t)fields[kTicketId];
  ticket.event_number = (uint32_t)fields[kEvent];
  ticket.ordinal = (uint32_t)fields[kOrdinal];
  ticket.issue = (uint32_t)fields[kIssue];
  ticket.zone = (uint32_t)fields[kZone];
  ticket.ticket_type = (uint32_t)fields[kType];
  ticket.key_id = (uint32_t)fields[kKeyId];
  return ticket;
}

static jlongArray write_ticket(JNIEnv* env, const ticketing_ticket_t* ticket) {
  const jlong fields[kTicketFields] = {
      ticket->form, (jlong)ticket->ticket_id, ticket->event_number, ticket->ordinal, ticket->issue,
      ticket->zone, ticket->ticket_type,      ticket->key_id,       ticket->window};
  const jlongArray array = (*env)->NewLongArray(env, kTicketFields);
  if (array != NULL) (*env)->SetLongArrayRegion(env, array, 0, kTicketFields, fields);
  return array;
}

JNIEXPORT jint JNICALL Java_dev_libticketing_Native_abiVersion(JNIEnv* env, jclass self) {
  (void)env, (void)self;
  return (jint)ticketing_abi_version();
}

JNIEXPORT jbyteArray JNICALL Java_dev_libticketing_Native_version(JNIEnv* env, jclass self) {
  (void)self;
  return bytes_of(env, ticketing_text(ticketing_version()));
}

JNIEXPORT jbyteArray JNICALL Java_dev_libticketing_Native_codeName(JNIEnv* env, jclass self,
                                                                   jint code) {
  (void)self;
  const char* const name = ticketing_code_name(code);
  return name == NULL ? NULL : bytes_of(env, ticketing_text(name));
}

JNIEXPORT jlong JNICALL Java_dev_libticketing_Native_liveObjects(JNIEnv* env, jclass self) {
  (void)env, (void)self;
  return ticketing_live_objects();
}

JNIEXPORT jlong JNICALL Java_dev_libticketing_Native_keyCreate(JNIEnv* env, jclass self,
                                                               jbyteArray seed) {
  (void)self;
  uint8_t room[kSeedRoom];
  ticketing_signing_key_t* key = NULL;
  ticketing_error_t* error = NULL;
  const int32_t code = ticketing_signing_key_create(read_seed(env, seed, room), &key, &error);
  wipe(room);
  throw_if(env, code, error);
  return number(key);
}

JNIEXPORT jbyteArray JNICALL Java_dev_libticketing_Native_keyPublic(JNIEnv* env, jclass self,
                                                                    jlong key) {
  (void)self;
  ticketing_bytes_t bytes = {NULL, 0};
  ticketing_error_t* error = NULL;
  const int32_t code = ticketing_signing_key_public(pointer(key), &bytes, &error);
  return throw_if(env, code, error) ? NULL : take(env, &bytes);
}

JNIEXPORT void JNICALL Java_dev_libticketing_Native_keyFree(JNIEnv* env, jclass self, jlong key) {
  (void)env, (void)self;
  ticketing_signing_key_free(pointer(key));
}

JNIEXPORT jlong JNICALL Java_dev_libticketing_Native_ringCreate(JNIEnv* env, jclass self) {
  (void)self;
  ticketing_key_ring_t* ring = NULL;
  ticketing_error_t* error = NULL;
  throw_if(env, ticketing_key_ring_create(&ring, &error), error);
  return number(ring);
}

JNIEXPORT void JNICALL Java_dev_libticketing_Native_ringAdd(JNIEnv* env, jclass self, jlong ring,
                                                            jint key_id, jbyteArray public_key,
                                                            jlong not_before, jlong not_after) {
  (void)self;
  const borrowed_t key = borrow(env, public_key);
  ticketing_error_t* error = NULL;
  const int32_t code = ticketing_key_ring_add(pointer(ring), (uint32_t)key_id, key.view, not_before,
                                              not_after, &error);
  give_back(env, &key);
  throw_if(env, code, error);
}

JNIEXPORT void JNICALL Java_dev_libticketing_Native_ringFree(JNIEnv* env, jclass self, jlong ring) {
  (void)env, (void)self;
  ticketing_key_ring_free(pointer(ring));
}

JNIEXPORT jbyteArray JNICALL Java_dev_libticketing_Native_codeIssue(JNIEnv* env, jclass self,
                                                                    jlongArray fields,
                                                                    jlong issuer) {
  (void)self;
  const ticketing_ticket_t ticket = read_ticket(env, fields);
  ticketing_bytes_t text = {NULL, 0};
  ticketing_error_t* error = NULL;
  const int32_t code = ticketing_code_issue(&ticket, pointer(issuer), &text, &error);
  return throw_if(env, code, error) ? NULL : take(env, &text);
}

JNIEXPORT jbyteArray JNICALL Java_dev_libticketing_Native_rotatingTicketIssue(
    JNIEnv* env, jclass self, jlongArray fields, jbyteArray device_public_key, jlong issuer) {
  (void)self;
  const ticketing_ticket_t ticket = read_ticket(env, fields);
  const borrowed_t device = borrow(env, device_public_key);
  ticketing_bytes_t text = {NULL, 0};
  ticketing_error_t* error = NULL;
  const int32_t code =
      ticketing_rotating_ticket_issue(&ticket, device.view, pointer(issuer), &text, &error);
  give_back(env, &device);
  return throw_if(env, code, error) ? NULL : take(env, &text);
}

JNIEXPORT jbyteArray JNICALL Java_dev_libticketing_Native_rotatingCodeMake(
    JNIEnv* env, jclass self, jbyteArray rotating_ticket, jlong device, jlong now) {
  (void)self;
  const borrowed_t ticket = borrow(env, rotating_ticket);
  ticketing_bytes_t text = {NULL, 0};
  ticketing_error_t* error = NULL;
  const int32_t code =
      ticketing_rotating_code_make(ticket.view, pointer(device), now, &text, &error);
  give_back(env, &ticket);
  return throw_if(env, code, error) ? NULL : take(env, &text);
}

JNIEXPORT jlongArray JNICALL Java_dev_libticketing_Native_codeParse(JNIEnv* env, jclass self,
                                                                    jbyteArray code_text) {
  (void)self;
  const borrowed_t text = borrow(env, code_text);
  ticketing_ticket_t ticket = {.struct_size = sizeof ticket};
  ticketing_error_t* error = NULL;
  const int32_t code = ticketing_code_parse(text.view, &ticket, &error);
  give_back(env, &text);
  return throw_if(env, code, error) ? NULL : write_ticket(env, &ticket);
}

JNIEXPORT jlongArray JNICALL Java_dev_libticketing_Native_codeVerify(JNIEnv* env, jclass self,
                                                                     jbyteArray code_text,
                                                                     jlong ring, jlong now) {
  (void)self;
  const borrowed_t text = borrow(env, code_text);
  ticketing_ticket_t ticket = {.struct_size = sizeof ticket};
  ticketing_error_t* error = NULL;
  const int32_t code = ticketing_code_verify(text.view, pointer(ring), now, &ticket, &error);
  give_back(env, &text);
  return throw_if(env, code, error) ? NULL : write_ticket(env, &ticket);
}

JNIEXPORT jlong JNICALL Java_dev_libticketing_Native_gateOpen(JNIEnv* env, jclass self,
                                                              jbyteArray data_dir, jlong device_id,
                                                              jbyteArray device_seed) {
  (void)self;
  uint8_t room[kSeedRoom];
  const borrowed_t path = borrow(env, data_dir);
  const ticketing_gate_options_t options = {.struct_size = sizeof options,
                                            .abi_version = TICKETING_ABI_VERSION,
                                            .device_id = (uint64_t)device_id,
                                            .data_dir = path.view,
                                            .device_seed = read_seed(env, device_seed, room)};
  ticketing_gate_t* gate = NULL;
  ticketing_error_t* error = NULL;
  const int32_t code = ticketing_gate_open(&options, &gate, &error);
  wipe(room);
  give_back(env, &path);
  throw_if(env, code, error);
  return number(gate);
}

JNIEXPORT void JNICALL Java_dev_libticketing_Native_gateLoadEvent(JNIEnv* env, jclass self,
                                                                  jlong gate, jbyteArray copy) {
  (void)self;
  const borrowed_t bytes = borrow(env, copy);
  ticketing_error_t* error = NULL;
  const int32_t code = ticketing_gate_load_event(pointer(gate), bytes.view, &error);
  give_back(env, &bytes);
  throw_if(env, code, error);
}

JNIEXPORT void JNICALL Java_dev_libticketing_Native_gateFree(JNIEnv* env, jclass self, jlong gate) {
  (void)env, (void)self;
  ticketing_gate_free(pointer(gate));
}

// The Java object of a scan; NULL with an exception pending.
static jobject scan_object(JNIEnv* env, const ticketing_scan_t* scan, ticketing_bytes_t* sentence) {
  const jbyteArray reason = bytes_of(env, ticketing_text(ticketing_scan_reason_name(scan)));
  const jbyteArray seat = bytes_of(env, ticketing_scan_seat_label(scan));
  const jbyteArray explanation = take(env, sentence);
  if (reason == NULL || seat == NULL || explanation == NULL) return NULL;
  return (*env)->NewObject(env, scan_class, scan_init, (jint)ticketing_scan_outcome(scan),
                           (jint)ticketing_scan_reason(scan), reason,
                           (jlong)ticketing_scan_id(scan), (jlong)ticketing_scan_ticket_id(scan),
                           seat, explanation, (jlong)ticketing_scan_decided_at(scan));
}

JNIEXPORT jobject JNICALL Java_dev_libticketing_Native_gateScan(JNIEnv* env, jclass self,
                                                                jlong gate, jbyteArray scanned,
                                                                jlongArray values,
                                                                jbyteArray language) {
  (void)self;
  jlong given[5] = {0};
  (*env)->GetLongArrayRegion(env, values, 0, 5, given);
  const ticketing_scan_options_t options = {.struct_size = sizeof options,
                                            .gate = (uint32_t)given[0],
                                            .event_number = (uint32_t)given[1],
                                            .direction = (int32_t)given[2],
                                            .scan_id = (uint64_t)given[3],
                                            .staff_override = (int32_t)given[4]};
  ticketing_scan_t* scan = NULL;
  ticketing_bytes_t sentence = {NULL, 0};
  ticketing_error_t* error = NULL;
  const borrowed_t text = borrow(env, scanned);
  int32_t code = ticketing_gate_scan(pointer(gate), text.view, &options, &scan, &error);
  give_back(env, &text);
  if (code == TICKETING_OK) {
    const borrowed_t tag = borrow(env, language);
    code = ticketing_gate_explain(pointer(gate), scan, tag.view, &sentence, &error);
    give_back(env, &tag);
  }
  const jobject result = throw_if(env, code, error) ? NULL : scan_object(env, scan, &sentence);
  ticketing_scan_free(scan);
  return result;
}
