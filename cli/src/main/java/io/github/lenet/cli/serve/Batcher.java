package io.github.lenet.cli.serve;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Puts the requests of many threads together, so that the network computes many images at once.
 *
 * <p>There are no threads of its own. Of the threads that ask, as many as there are processors lead
 * at a time: a leader waits for the window, takes what has come for the same signature, runs it,
 * hands out the results, and makes the first of those that came meanwhile the next leader. So a
 * request that is alone stays in its own thread, and the busier the server is, the larger the
 * batches are.
 */
final class Batcher {

  private static final Logger LOGGER = System.getLogger(Batcher.class.getName());

  /**
   * How requests are put together.
   *
   * @param maxRows as many rows at most go through the network at once; a request of more goes in
   *     parts
   * @param window how long the first of several requests waits for others; zero: only for those
   *     that came while the network was busy
   * @param maxQueuedRows as many rows at most may wait; requests beyond are refused
   */
  record Settings(int maxRows, Duration window, int maxQueuedRows) {

    /**
     * Half a millisecond of patience is what pays: with 32 clients at once, 1.2 to 1.3 times the
     * requests of none, at two thirds of the latency.
     */
    static final Settings DEFAULT = new Settings(128, Duration.ofNanos(500_000), 10_000);

    Settings {
      if (maxRows < 1 || maxQueuedRows < 1 || window.isNegative()) {
        throw new IllegalArgumentException(
            "maxRows (%d), window (%s) and maxQueuedRows (%d) must not be negative, nor rows zero"
                .formatted(maxRows, window, maxQueuedRows));
      }
    }
  }

  private final Servable servable;
  private final Settings batching;
  private final ServingMetrics metrics;
  private final int mostLeaders = Runtime.getRuntime().availableProcessors();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final ArrayDeque<Request> waiting = new ArrayDeque<>();
  private int waitingRows;
  private int leaders;

  /** From the moment that there is a leader until its window ends: who comes now is for him. */
  private boolean collecting;

  Batcher(Servable servable, Settings batching, ServingMetrics metrics) {
    this.servable = Objects.requireNonNull(servable, "servable");
    this.batching = Objects.requireNonNull(batching, "batching");
    this.metrics = Objects.requireNonNull(metrics, "metrics");
  }

  /** What a thread asks, and what becomes of it. */
  private static final class Request {

    final String signature;
    final Map<String, HeapTensor> inputs;
    final int rows;
    final long deadline;
    final Thread thread = Thread.currentThread();

    // Written by another thread before the flag, read after it.
    private Map<String, HeapTensor> outputs;
    private StatusException failure;
    private volatile boolean completed;
    private volatile boolean leads;

    Request(String signature, Map<String, HeapTensor> inputs, long deadline) {
      this.signature = signature;
      this.inputs = inputs;
      this.deadline = deadline;
      rows = inputs.values().iterator().next().rows();
    }

    void complete(Map<String, HeapTensor> outputs) {
      this.outputs = outputs;
      completed = true;
      LockSupport.unpark(thread);
    }

    void fail(StatusException failure) {
      this.failure = failure;
      completed = true;
      LockSupport.unpark(thread);
    }

    void lead() {
      leads = true;
      LockSupport.unpark(thread);
    }

    void awaitTurn() {
      boolean interrupted = false;
      while (!completed && !leads) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted(); // or it would not park again
      }
      if (interrupted) {
        thread.interrupt();
      }
    }

    Map<String, HeapTensor> result() throws StatusException {
      if (failure != null) {
        throw failure;
      }
      return outputs;
    }
  }

  /**
   * Runs the network, and waits for the outputs.
   *
   * @param signature its name
   * @param inputs all of the signature's, with the same number of rows, at least one
   * @return the signature's outputs for these rows
   * @throws StatusException UNAVAILABLE if too many wait already; RESOURCE_EXHAUSTED if memory runs
   *     out; otherwise what {@link Servable#run} says of these inputs
   */
  Map<String, HeapTensor> predict(String signature, Map<String, HeapTensor> inputs)
      throws StatusException {
    Request request =
        new Request(signature, inputs, System.nanoTime() + batching.window().toNanos());
    lock.lock();
    try {
      if (waitingRows > 0 && waitingRows + request.rows > batching.maxQueuedRows()) {
        throw new StatusException(
            StatusException.Code.UNAVAILABLE,
            "The batch scheduling queue is full: %d rows wait already. Try again later."
                .formatted(waitingRows));
      }
      waiting.add(request);
      waitingRows += request.rows;
      if (collecting) {
        arrived.signal();
      } else {
        promote();
      }
    } finally {
      lock.unlock();
    }
    request.awaitTurn();
    if (!request.completed) {
      lead(request);
    }
    return request.result();
  }

  private void lead(Request first) {
    List<Request> batch = collect(first);
    try {
      run(batch);
    } catch (RuntimeException | Error e) {
      LOGGER.log(Level.ERROR, "a batch failed: " + e, e);
      batch.stream()
          .filter(request -> !request.completed)
          .forEach(request -> request.fail(StatusException.of(e)));
    } finally {
      lock.lock();
      leaders--;
      promote();
      lock.unlock();
    }
  }

  /** Makes the first of those who wait a leader, if there may be one more. */
  private void promote() {
    if (leaders < mostLeaders && !collecting) {
      waiting.stream()
          .filter(request -> !request.leads)
          .findFirst()
          .ifPresent(
              request -> {
                leaders++;
                collecting = true;
                request.lead();
              });
    }
  }

  /** The leader's request, and those for the same signature that fit beside it. */
  private List<Request> collect(Request first) {
    lock.lock();
    try {
      take(first);
      awaitOthers(first);
      collecting = false;
      List<Request> batch = new ArrayList<>();
      batch.add(first);
      int rows = first.rows;
      for (Iterator<Request> others = waiting.iterator(); others.hasNext(); ) {
        Request other = others.next();
        if (!other.leads
            && other.signature.equals(first.signature)
            && rows + other.rows <= batching.maxRows()) {
          batch.add(other);
          rows += other.rows;
          waitingRows -= other.rows;
          others.remove();
        }
      }
      promote();
      return batch;
    } finally {
      lock.unlock();
    }
  }

  private void take(Request request) {
    waiting.remove(request);
    waitingRows -= request.rows;
  }

  /** Waits until the window is over or there is enough for a batch. */
  private void awaitOthers(Request first) {
    long left = first.deadline - System.nanoTime();
    try {
      while (left > 0 && first.rows + waitingRows < batching.maxRows()) {
        left = arrived.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // then it goes on with what there is
    }
  }

  private void run(List<Request> batch) {
    try {
      List<Map<String, HeapTensor>> parts = new ArrayList<>();
      Map<String, HeapTensor> inputs = concatenate(batch.stream().map(r -> r.inputs).toList());
      int rows = batch.stream().mapToInt(request -> request.rows).sum();
      for (int from = 0; from < rows; from += batching.maxRows()) {
        int to = Math.min(rows, from + batching.maxRows());
        metrics.countBatch(to - from);
        parts.add(servable.run(batch.get(0).signature, rows(inputs, from, to)));
      }
      Map<String, HeapTensor> outputs = concatenate(parts);
      int from = 0;
      for (Request request : batch) {
        request.complete(rows(outputs, from, from + request.rows));
        from += request.rows;
      }
    } catch (StatusException e) {
      if (batch.size() == 1) {
        batch.get(0).fail(e);
      } else {
        // Whoever is to blame, the others are not.
        batch.forEach(request -> run(List.of(request)));
      }
    }
  }

  private static Map<String, HeapTensor> concatenate(List<Map<String, HeapTensor>> parts) {
    if (parts.size() == 1) {
      return parts.get(0);
    }
    Map<String, HeapTensor> whole = new LinkedHashMap<>();
    for (String name : parts.get(0).keySet()) {
      whole.put(name, HeapTensor.concatenate(parts.stream().map(part -> part.get(name)).toList()));
    }
    return whole;
  }

  private static Map<String, HeapTensor> rows(Map<String, HeapTensor> tensors, int from, int to) {
    Map<String, HeapTensor> part = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> part.put(name, tensor.rows(from, to)));
    return part;
  }
}
