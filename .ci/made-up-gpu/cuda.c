// CUDA, cuBLAS and cuDNN for GPUs that are not there: they take every order and compute nothing, so that TensorFlow's build for
// GPUs runs whole trainings on a machine without one. What it decides by itself is then real, placement, memory, copies and
// the order of launches; numbers and times are not: memory keeps what is copied to it, and a few numbers come back as zero.
//
//   MADE_UP_GPUS       how many there are (1)
//   MADE_UP_MEBIBYTES  the memory of each (8192)
//   MADE_UP_REPORT     file for what was asked of them, written when the process ends
//
// Only what TensorFlow 2.18 calls in a training of this project is here; where a function is missing, TensorFlow crashes in the
// caller, which hs_err_pid*.log names. Names and arguments are those of NVIDIA's documentation; all handles are pointers, all
// results 0 (success) unless said otherwise. Functions whose arguments do not matter are without.
#define _GNU_SOURCE
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MOST_GPUS 8
#define OUT_OF_MEMORY 2
#define INVALID_VALUE 1
#define DRIVER 12060
#define CUDNN 90300

typedef uint64_t device_pointer;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

// ---- the report

static long setting(const char *name, long otherwise) {
  const char *value = getenv(name);
  return value ? atol(value) : otherwise;
}

enum { TO_DEVICE, TO_HOST, WITHIN, BETWEEN };
static long copies[4], bytes[4], launches[MOST_GPUS], waits, callbacks, graphs, kernels_in_graphs;
static size_t used[MOST_GPUS], most[MOST_GPUS];

static void count(long *counter, long more) { __atomic_add_fetch(counter, more, __ATOMIC_RELAXED); }

__attribute__((destructor)) static void report(void) {
  const char *name = getenv("MADE_UP_REPORT");
  FILE *file = name ? fopen(name, "w") : NULL;
  if (!file) return;
  const char *ways[] = {"to_device", "to_host", "within", "between"};
  for (int i = 0; i < 4; i++) fprintf(file, "copies_%s %ld\nbytes_%s %ld\n", ways[i], copies[i], ways[i], bytes[i]);
  for (int i = 0; i < setting("MADE_UP_GPUS", 1); i++) fprintf(file, "launches_gpu%d %ld\nmemory_gpu%d %zu\n", i, launches[i], i, most[i]);
  fprintf(file, "waits %ld\ncallbacks %ld\ngraphs %ld\nkernels_in_graphs %ld\n", waits, callbacks, graphs, kernels_in_graphs);
  fclose(file);
}

// ---- devices and contexts: a context is a place in this array

static char contexts[MOST_GPUS];
static __thread int current;

static size_t memory(void) { return (size_t) setting("MADE_UP_MEBIBYTES", 8192) << 20; }

// As an H100 has them; CUdevice_attribute and cudaDeviceAttr are numbered alike.
static int attribute(int *value, int which) {
  switch (which) {
  case 1: case 2: case 3: *value = 1024; break;         // threads of a block, and along x and y
  case 4: *value = 64; break;                           // and z
  case 5: *value = 2147483647; break;                   // blocks along x
  case 6: case 7: *value = 65535; break;                // and y, z
  case 8: *value = 49152; break;                        // shared memory of a block
  case 10: *value = 32; break;                          // threads of a warp
  case 12: case 82: *value = 65536; break;              // registers of a block, of a multiprocessor
  case 13: *value = 1980000; break;                     // clock, kHz
  case 16: *value = 132; break;                         // multiprocessors
  case 36: *value = 2619000; break;                     // memory's clock
  case 37: *value = 5120; break;                        // and width
  case 38: *value = 50 << 20; break;                    // L2 cache
  case 39: *value = 2048; break;                        // threads of a multiprocessor
  case 41: *value = 1; break;                           // unified addresses
  case 75: *value = 9; break;                           // compute capability
  case 81: *value = 233472; break;                      // shared memory of a multiprocessor
  case 97: *value = 232448; break;                      // and of a block that asks for it
  default: *value = 0;
  }
  return 0;
}

int cuInit(unsigned flags) { return 0; }
int cuDriverGetVersion(int *version) { *version = DRIVER; return 0; }
int cuDeviceGetCount(int *n) { *n = setting("MADE_UP_GPUS", 1); return 0; }
int cuDeviceGet(int *device, int number) { *device = number; return 0; }
int cuDeviceGetName(char *name, int size, int device) { snprintf(name, size, "made-up GPU"); return 0; }
int cuDeviceTotalMem_v2(size_t *size, int device) { *size = memory(); return 0; }
int cuDeviceGetPCIBusId(char *id, int size, int device) { snprintf(id, size, "0000:%02x:00.0", device + 1); return 0; }
int cuDeviceGetAttribute(int *value, int which, int device) { return attribute(value, which); }
int cuDeviceCanAccessPeer(int *can, int device, int other) { *can = 1; return 0; }
int cuDevicePrimaryCtxRetain(void **context, int device) { *context = &contexts[device]; return 0; }
int cuDevicePrimaryCtxGetState(int device, unsigned *flags, int *active) { *flags = 0; *active = 1; return 0; }
int cuCtxGetCurrent(void **context) { *context = &contexts[current]; return 0; }
int cuCtxSetCurrent(char *context) { if (context) current = context - contexts; return 0; }
int cuCtxGetDevice(int *device) { *device = current; return 0; }
int cuGetErrorName(int error, const char **name) { *name = error == OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY" : "CUDA_ERROR"; return 0; }
int cuGetErrorString(int error, const char **text) { *text = error == OUT_OF_MEMORY ? "out of memory" : "error"; return 0; }
int cudaGetDevice(int *device) { *device = current; return 0; }
int cudaSetDevice(int device) { current = device; return 0; }
int cudaGetDeviceCount(int *n) { return cuDeviceGetCount(n); }
int cudaDeviceGetAttribute(int *value, int which, int device) { return attribute(value, which); }
int cudaRuntimeGetVersion(int *version) { *version = DRIVER; return 0; }

// Places in cudaDeviceProp of CUDA 12, 1,032 bytes.
int cudaGetDeviceProperties_v2(char *properties, int device) {
  memset(properties, 0, 1032);
  strcpy(properties, "made-up GPU");
  *(size_t *) (properties + 288) = memory();
  *(size_t *) (properties + 296) = 49152; // sharedMemPerBlock
  int *at = (int *) (properties + 304);
  at[0] = 65536, at[1] = 32;              // regsPerBlock, warpSize
  at[4] = at[5] = at[6] = 1024, at[7] = 64, at[8] = 2147483647, at[9] = at[10] = 65535; // threads and grid
  *(int *) (properties + 360) = 9;        // major
  *(int *) (properties + 388) = 132;      // multiProcessorCount
  *(int *) (properties + 624) = 2048;     // maxThreadsPerMultiProcessor
  return 0;
}

// ---- memory

static struct block { struct block *next; device_pointer start; size_t size; int device; } *blocks;

int cuMemAlloc_v2(device_pointer *start, size_t size) {
  int result = OUT_OF_MEMORY;
  pthread_mutex_lock(&lock);
  if (size <= memory() - used[current]) {
    void *mapped = mmap(NULL, size + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped != MAP_FAILED) {
      struct block *block = malloc(sizeof *block);
      *block = (struct block) {blocks, (device_pointer) mapped, size, current};
      blocks = block;
      *start = block->start;
      used[current] += size;
      if (used[current] > most[current]) most[current] = used[current];
      result = 0;
    }
  }
  pthread_mutex_unlock(&lock);
  return result;
}

int cuMemFree_v2(device_pointer start) {
  pthread_mutex_lock(&lock);
  for (struct block **at = &blocks; *at; at = &(*at)->next) {
    if ((*at)->start == start) {
      struct block *block = *at;
      *at = block->next;
      used[block->device] -= block->size;
      munmap((void *) start, block->size + 1);
      free(block);
      break;
    }
  }
  pthread_mutex_unlock(&lock);
  return 0;
}

static int device_of(device_pointer pointer) {
  int device = -1;
  pthread_mutex_lock(&lock);
  for (struct block *at = blocks; at && device < 0; at = at->next)
    if (pointer >= at->start && pointer < at->start + at->size) device = at->device;
  pthread_mutex_unlock(&lock);
  return device;
}

int cuPointerGetAttribute(void *value, int which, device_pointer pointer) {
  int device = device_of(pointer);
  if (device < 0) return INVALID_VALUE;
  switch (which) {
  case 1: *(void **) value = &contexts[device]; return 0;
  case 2: *(unsigned *) value = 2; return 0; // on a device
  case 9: *(int *) value = device; return 0;
  default: return INVALID_VALUE;
  }
}

int cuMemGetInfo_v2(size_t *left, size_t *total) { *total = memory(); *left = *total - used[current]; return 0; }
int cuMemHostAlloc(void **start, size_t size, unsigned flags) { return posix_memalign(start, 4096, size + 1) ? OUT_OF_MEMORY : 0; }

static int copy(int way, void *to, const void *from, size_t size) {
  count(&copies[way], 1);
  count(&bytes[way], size);
  memmove(to, from, size);
  if (way == TO_HOST && size <= 20 * sizeof(float)) // losses that nobody has computed: zero, but for integers, of shapes
    for (size_t i = 0; i < size / sizeof(float); i++)
      if (!(fabsf(((float *) to)[i]) < FLT_MIN)) ((float *) to)[i] = 0;
  return 0;
}
int cuMemcpyHtoDAsync_v2(void *to, void *from, size_t size, void *stream) { return copy(TO_DEVICE, to, from, size); }
int cuMemcpyDtoHAsync_v2(void *to, void *from, size_t size, void *stream) { return copy(TO_HOST, to, from, size); }
int cuMemcpyDtoDAsync_v2(void *to, void *from, size_t size, void *stream) { return copy(WITHIN, to, from, size); }
int cuMemcpyPeerAsync(void *to, void *of, void *from, void *of2, size_t size, void *stream) { return copy(BETWEEN, to, from, size); }
int cudaMemcpyAsync(void *to, void *from, size_t size, int kind, void *stream) { return copy(kind == 1 ? TO_DEVICE : kind == 2 ? TO_HOST : WITHIN, to, from, size); }

// ---- streams and events: everything is done at once

static int handle(void **it) { *it = malloc(1); return 0; }

int cuCtxGetStreamPriorityRange(int *least, int *greatest) { *least = *greatest = 0; return 0; }
int cuStreamCreate(void **stream, unsigned flags) { return handle(stream); }
int cuStreamCreateWithPriority(void **stream, unsigned flags, int priority) { return handle(stream); }
int cuStreamSynchronize(void *stream) { count(&waits, 1); return 0; }
int cuStreamIsCapturing(void *stream, int *capturing) { *capturing = 0; return 0; }
int cuEventCreate(void **event, unsigned flags) { return handle(event); }
int cuEventDestroy_v2(void *event) { free(event); return 0; }
int cuEventElapsedTime(float *milliseconds, void *from, void *to) { *milliseconds = 0.01f; return 0; }

// What a stream has the host do: on a thread of its own, as a driver does.
struct callback { void (*call)(void *, int, void *); void *stream, *data; };
static void *call_back(void *it) {
  struct callback callback = *(struct callback *) it;
  free(it);
  callback.call(callback.stream, 0, callback.data);
  return NULL;
}
int cudaStreamAddCallback(void *stream, void (*call)(void *, int, void *), void *data, unsigned flags) {
  count(&callbacks, 1);
  struct callback *callback = malloc(sizeof *callback);
  *callback = (struct callback) {call, stream, data};
  pthread_t thread;
  return pthread_create(&thread, NULL, call_back, callback) || pthread_detach(thread);
}

// ---- kernels

static __thread struct graph { long kernels; } *captured;

static int launch(void) {
  if (captured) captured->kernels++;
  else count(&launches[current], 1);
  return 0;
}

int cuModuleLoadData(void **module, void *image) { return handle(module); }
int cuModuleLoadFatBinary(void **module, void *image) { return handle(module); }
int cuModuleGetFunction(void **function, void *module, const char *name) { *function = module; return 0; }
int cuFuncGetAttribute(int *value, int which, void *function) { *value = which == 0 ? 1024 : 32; return 0; } // threads; registers
int cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int *n, void *function, int threads, size_t shared, unsigned flags) { *n = 2; return 0; }
int cudaFuncGetAttributes(char *attributes, void *function) {
  memset(attributes, 0, 48);
  int *at = (int *) (attributes + 24);
  at[0] = 1024, at[1] = 32, at[2] = at[3] = 90; // threads, registers, versions of PTX and binary
  return 0;
}
int cuLaunchKernel() { return launch(); }
int cudaLaunchKernel() { return launch(); }
void **__cudaRegisterFatBinary(void *image) { return malloc(1); }
static __thread struct launched { struct { unsigned x, y, z; } grid, block; size_t shared; void *stream; } launched;
unsigned __cudaPushCallConfiguration(struct launched configuration) { launched = configuration; return 0; }
int __cudaPopCallConfiguration(void *grid, void *block, size_t *shared, void **stream) {
  memcpy(grid, &launched.grid, sizeof launched.grid);
  memcpy(block, &launched.block, sizeof launched.block);
  *shared = launched.shared;
  *stream = launched.stream;
  return 0;
}

// Graphs of kernels, launched at once: only XLA makes them. A graph is its own instance.
int cuGraphCreate(struct graph **graph, unsigned flags) { *graph = calloc(1, sizeof **graph); return 0; }
int cuGraphAddKernelNode_v2(void **node, struct graph *graph) { graph->kernels++; return handle(node); }
int cuGraphAddChildGraphNode(void **node, struct graph *graph, void **after, size_t n, struct graph *child) {
  graph->kernels += child->kernels;
  return handle(node);
}
int cuGraphGetNodes(struct graph *graph, void **nodes, size_t *n) { *n = graph->kernels; return 0; }
int cuGraphInstantiateWithFlags(struct graph **instance, struct graph *graph, unsigned long long flags) { *instance = graph; return 0; }
int cuGraphLaunch(struct graph *graph, void *stream) { count(&graphs, 1); count(&kernels_in_graphs, graph->kernels); return 0; }
int cuStreamBeginCaptureToGraph(void *stream, struct graph *graph) { captured = graph; return 0; }
int cuStreamEndCapture(void *stream, struct graph **graph) { *graph = captured; captured = NULL; return 0; }

// ---- cuBLAS and cuDNN

int cublasCreate_v2(void **handle_) { return handle(handle_); }
int cublasGetVersion_v2(void *handle_, int *version) { *version = 120600; return 0; }
int cublasGetMathMode(void *handle_, int *mode) { *mode = 0; return 0; }
int cublasLtCreate(void **handle_) { return handle(handle_); }
int cublasSgemm_v2() { return launch(); }
int cublasGemmEx() { return launch(); }
int cudnnCreate(void **handle_) { return handle(handle_); }
size_t cudnnGetVersion(void) { return CUDNN; }
int cudnnGetProperty(int which, int *value) { *value = which == 0 ? CUDNN / 10000 : which == 1 ? CUDNN / 100 % 100 : CUDNN % 100; return 0; }
int cudnnCreateTensorDescriptor(void **descriptor) { return handle(descriptor); }
int cudnnCreatePoolingDescriptor(void **descriptor) { return handle(descriptor); }
int cudnnPoolingForward() { return launch(); }
int cudnnPoolingBackward() { return launch(); }
int cudnnBackendCreateDescriptor(int type, void **descriptor) { return handle(descriptor); }
int cudnnBackendDestroyDescriptor(void *descriptor) { free(descriptor); return 0; }
int cudnnBackendExecute(void *handle_, void *plan, void *pack) { return launch(); }
// One of everything, engines among them, and as a number 0.
int cudnnBackendGetAttribute(void *descriptor, int name, int type, int64_t room, int64_t *n, void *values) {
  if (n) *n = 1;
  if (values && type == 3) *(int64_t *) values = 0; // CUDNN_TYPE_INT64
  return 0;
}

// ---- what needs nothing done

#define NOTHING(name) int name() { return 0; }
NOTHING(cuCtxEnablePeerAccess) NOTHING(cuCtxSynchronize) NOTHING(cuEventQuery) NOTHING(cuEventRecord) NOTHING(cuEventSynchronize)
NOTHING(cuFuncSetAttribute) NOTHING(cuGraphDestroy) NOTHING(cuGraphExecChildGraphNodeSetParams) NOTHING(cuGraphExecDestroy)
NOTHING(cuGraphExecKernelNodeSetParams_v2) NOTHING(cuMemFreeHost) NOTHING(cuMemsetD32Async) NOTHING(cuMemsetD32_v2)
NOTHING(cuMemsetD8Async) NOTHING(cuMemsetD8_v2) NOTHING(cuModuleUnload)
NOTHING(cuStreamWaitEvent) NOTHING(cublasGetPointerMode_v2) NOTHING(cublasSetMathMode) NOTHING(cublasSetPointerMode_v2)
NOTHING(cublasSetStream_v2) NOTHING(cublasSetWorkspace_v2) NOTHING(cudaDeviceGetStreamPriorityRange) NOTHING(cudaGetFuncBySymbol)
NOTHING(cudaGetLastError) NOTHING(cudaMemsetAsync)
NOTHING(cudaPeekAtLastError) NOTHING(cudnnBackendFinalize) NOTHING(cudnnBackendSetAttribute) NOTHING(cudnnDestroyPoolingDescriptor)
NOTHING(cudnnDestroyTensorDescriptor) NOTHING(cudnnGraphVersionCheck) NOTHING(cudnnOpsVersionCheck)
NOTHING(cudnnSetPoolingNdDescriptor) NOTHING(cudnnSetStream) NOTHING(cudnnSetTensorNdDescriptor)
NOTHING(__cudaRegisterFatBinaryEnd) NOTHING(__cudaRegisterFunction) NOTHING(__cudaRegisterVar) NOTHING(__cudaUnregisterFatBinary)
