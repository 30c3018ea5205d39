// A stand-in for libcuda.so.1 with two GPUs that are host memory: does every copy at once, and one kernel. It shows that the
// calls by way of JCuda have the right arguments, on a machine without driver. What it is called with goes to stdout.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int Result;
typedef unsigned long long Address;

enum { OK = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, INVALID_PTX = 218, NOT_FOUND = 500, NOT_READY = 600, ILLEGAL_ADDRESS = 700 };
enum { ERROR_LOG = 5 };

static const uintptr_t CONTEXT = 0x1000; // of GPU 0, and one more for GPU 1
static void *const MODULE = (void *)0x2000;
static void *const USERS_STREAM = (void *)0x77;

static int lost;
static int asked;
static void *current;
static void *below; // it, on the stack

static Result note(const char *what, int result) {
    printf("%s\n", what);
    fflush(stdout);
    return lost ? ILLEGAL_ADDRESS : current == NULL ? INVALID_VALUE : result;
}

Result cuInit(unsigned flags) { return flags == 0 ? OK : INVALID_VALUE; }

Result cuDriverGetVersion(int *version) {
    const char *other = getenv("STANDIN_VERSION");
    *version = other ? atoi(other) : 12060;
    return OK;
}

Result cuDeviceGetCount(int *count) {
    *count = getenv("STANDIN_EMPTY") ? 0 : 2;
    return OK;
}

Result cuDeviceGet(int *device, int ordinal) {
    *device = ordinal;
    return OK;
}

Result cuDeviceGetName(char *name, int length, int device) {
    snprintf(name, length, "Stand-in %d", device);
    return OK;
}

Result cuDeviceTotalMem_v2(size_t *bytes, int device) {
    *bytes = (size_t)(device + 1) << 30;
    return OK;
}

Result cuDeviceGetAttribute(int *value, int attribute, int device) {
    *value = attribute == 75 ? 9 : attribute == 76 ? 0 : attribute == 16 ? 132 : -1;
    return device < 2 ? OK : INVALID_VALUE;
}

Result cuDevicePrimaryCtxRetain(void **context, int device) {
    *context = (void *)(CONTEXT + device);
    return OK;
}

Result cuDevicePrimaryCtxRelease_v2(int device) {
    current = (void *)CONTEXT;
    lost = 0;
    return note(device ? "release 1" : "release 0", OK);
}

Result cuCtxSetCurrent(void *context) {
    current = context;
    return OK;
}

Result cuCtxGetCurrent(void **context) {
    *context = current;
    return OK;
}

Result cuCtxPushCurrent_v2(void *context) {
    below = current;
    current = context;
    return OK;
}

Result cuCtxPopCurrent_v2(void **context) {
    *context = current;
    current = below;
    return OK;
}

Result cuModuleLoadDataEx(void **module, const char *ptx, unsigned count, int *options, void **values) {
    *module = MODULE;
    if (getenv("STANDIN_BAD_PTX") == NULL) {
        return strstr(ptx, ".version 6.4") && ptx[strlen(ptx) - 2] == '}' ? OK : INVALID_PTX;
    }
    for (unsigned i = 0; i < count; i++) {
        if (options[i] == ERROR_LOG) {
            strcpy(values[i], "ptxas fatal: planted");
        }
    }
    return INVALID_PTX;
}

Result cuModuleUnload(void *module) { return note("unload", module == MODULE ? OK : INVALID_VALUE); }

Result cuModuleGetFunction(void **function, void *module, const char *name) {
    *function = strdup(name);
    return module == MODULE && strcmp(name, "nothing") ? OK : NOT_FOUND;
}

Result cuMemGetInfo_v2(size_t *free, size_t *total) {
    *free = 123456;
    *total = 1 << 30;
    return OK;
}

Result cuMemAlloc_v2(Address *address, size_t bytes) {
    if (bytes > 1 << 30) {
        return OUT_OF_MEMORY;
    }
    *address = (Address)(uintptr_t)aligned_alloc(256, (bytes + 255) / 256 * 256);
    return lost ? ILLEGAL_ADDRESS : OK;
}

Result cuMemFree_v2(Address address) {
    free((void *)(uintptr_t)address);
    return note("free", OK);
}

Result cuMemGetAddressRange_v2(Address *base, size_t *bytes, Address address) {
    *base = address / 256 * 256;
    *bytes = 1024;
    return current == NULL || address < 4096 ? INVALID_VALUE : OK;
}

Result cuPointerGetAttribute(void *data, int attribute, Address address) {
    *(int *)data = 0; // all memory is that of GPU 0
    return attribute != 9 || address < 4096 ? INVALID_VALUE : OK;
}

Result cuMemHostAlloc(void **memory, size_t bytes, unsigned flags) {
    *memory = malloc(bytes);
    return flags == 1 ? OK : INVALID_VALUE; // portable
}

Result cuMemFreeHost(void *memory) {
    free(memory);
    return note("free pinned", OK);
}

Result cuStreamCreate(void **stream, unsigned flags) {
    *stream = malloc(1);
    return flags == 1 ? OK : INVALID_VALUE; // non-blocking
}

Result cuStreamDestroy_v2(void *stream) {
    free(stream);
    return note("close stream", OK);
}

Result cuEventCreate(void **event, unsigned flags) {
    *event = malloc(1);
    return flags == 2 ? OK : INVALID_VALUE; // no timing
}

Result cuEventDestroy_v2(void *event) {
    free(event);
    return note("close event", OK);
}

Result cuEventRecord(void *event, void *stream) { return note("record", event && stream ? OK : INVALID_VALUE); }

Result cuEventQuery(void *event) { return lost ? ILLEGAL_ADDRESS : asked++ ? OK : NOT_READY; }

Result cuStreamWaitEvent(void *stream, void *event, unsigned flags) {
    return note("wait", event && stream && flags == 0 ? OK : INVALID_VALUE);
}

static Result copy(const char *what, Address to, Address from, size_t bytes, void *stream) {
    memcpy((void *)(uintptr_t)to, (void *)(uintptr_t)from, bytes);
    return note(what, stream ? OK : INVALID_VALUE);
}

Result cuMemcpyHtoDAsync_v2(Address to, void *from, size_t bytes, void *stream) {
    return copy("upload", to, (Address)(uintptr_t)from, bytes, stream);
}

Result cuMemcpyDtoHAsync_v2(void *to, Address from, size_t bytes, void *stream) {
    return copy("download", (Address)(uintptr_t)to, from, bytes, stream);
}

Result cuMemcpyDtoDAsync_v2(Address to, Address from, size_t bytes, void *stream) {
    return copy("copy", to, from, bytes, stream);
}

Result cuMemcpyPeerAsync(Address to, void *there, Address from, void *here, size_t bytes, void *stream) {
    int right = there == (void *)CONTEXT && here == (void *)(CONTEXT + 1);
    return right ? copy("copy from peer", to, from, bytes, stream) : INVALID_VALUE;
}

Result cuMemsetD8Async(Address to, unsigned char value, size_t bytes, void *stream) {
    memset((void *)(uintptr_t)to, value, bytes);
    return note("fill", stream ? OK : INVALID_VALUE);
}

struct Sum {
    const float *sources[8];
    float *into;
    int64_t count;
    int32_t sourceCount;
    int32_t aligned;
};

Result cuLaunchKernel(
    const char *name, unsigned blocks, unsigned y, unsigned z, unsigned threads, unsigned ty, unsigned tz,
    unsigned shared, void *stream, void **parameters, void **extra) {
    char line[200];
    snprintf(line, sizeof line, "start %s, %u blocks of %u%s", name, blocks, threads, stream == USERS_STREAM ? ", user's stream" : "");
    if (threads > 1024 || y * z * ty * tz != 1 || shared != 0 || extra != NULL) {
        return note(line, INVALID_VALUE);
    }
    if (!strcmp(name, "sum4_float32")) {
        const struct Sum *sum = parameters[0];
        for (int64_t i = 0; i < sum->count; i++) {
            sum->into[i] = sum->sources[0][i];
            for (int d = 1; d < sum->sourceCount; d++) {
                sum->into[i] += sum->sources[d][i];
            }
        }
    }
    Result result = note(line, OK);
    lost |= !strcmp(name, "cast_float32_float16"); // dies of it, later
    return result;
}

Result cuGetErrorName(int code, const char **name) {
    *name = code == INVALID_VALUE     ? "CUDA_ERROR_INVALID_VALUE"
            : code == OUT_OF_MEMORY   ? "CUDA_ERROR_OUT_OF_MEMORY"
            : code == INVALID_PTX     ? "CUDA_ERROR_INVALID_PTX"
            : code == NOT_FOUND       ? "CUDA_ERROR_NOT_FOUND"
            : code == ILLEGAL_ADDRESS ? "CUDA_ERROR_ILLEGAL_ADDRESS"
                                      : NULL;
    return *name ? OK : INVALID_VALUE;
}

Result cuDeviceCanAccessPeer(int *can, int device, int peer) {
    *can = device == 0 && peer == 1;
    return OK;
}

Result cuCtxEnablePeerAccess(void *context, unsigned flags) {
    return note("enable peer", context == (void *)(CONTEXT + 1) && flags == 0 ? OK : INVALID_VALUE);
}
