package io.github.lenet.data;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The body of a response, piece by piece, with a limit to how long each piece may take. The JDK's
 * own request timeout ends with the headers (<a
 * href="https://bugs.openjdk.org/browse/JDK-8208693">JDK-8208693</a>): a server that stalls in the
 * middle of a body would hold the caller for ever.
 *
 * <p>Asks for one piece at a time, so that a slow disk slows the network down instead of filling
 * the heap. Closing it before the end drops the connection.
 */
final class ResponseBody implements AutoCloseable {
  private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  private volatile Flow.Subscription subscription;

  /** One piece, the end, or a failure. */
  private record Signal(Optional<List<ByteBuffer>> piece, Optional<Throwable> failure) {}

  ResponseBody(Flow.Publisher<List<ByteBuffer>> publisher) {
    publisher.subscribe(new Receiver());
  }

  /**
   * Waits for the next piece.
   *
   * @param patience for how long
   * @return the piece, or nothing at the end
   */
  Optional<List<ByteBuffer>> next(Duration patience) throws IOException {
    subscription.request(1);
    Signal signal;
    try {
      signal = signals.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while downloading");
    }
    if (signal == null) {
      throw new HttpTimeoutException("no data for " + patience.toMillis() / 1_000.0 + " s");
    }
    if (signal.failure().isPresent()) {
      Throwable failure = signal.failure().get();
      throw new IOException(String.valueOf(failure.getMessage()), failure);
    }
    return signal.piece();
  }

  /** Drops what is left. */
  @Override
  public void close() {
    subscription.cancel();
  }

  private final class Receiver implements Flow.Subscriber<List<ByteBuffer>> {
    @Override
    public void onSubscribe(Flow.Subscription granted) {
      subscription = granted;
    }

    @Override
    public void onNext(List<ByteBuffer> piece) {
      signals.add(new Signal(Optional.of(piece), Optional.empty()));
    }

    @Override
    public void onError(Throwable failure) {
      signals.add(new Signal(Optional.empty(), Optional.of(failure)));
    }

    @Override
    public void onComplete() {
      signals.add(new Signal(Optional.empty(), Optional.empty()));
    }
  }
}
