package io.github.lenet.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.tensorflow.exceptions.TFResourceExhaustedException;
import org.tensorflow.exceptions.TensorFlowException;

final class StatusExceptionTest {

  @Test
  void tellsAClientThatMemoryRanOutAndNothingElseOfWhatFailed() {
    for (Throwable failure :
        List.of(
            new OutOfMemoryError("Java heap space"),
            new TFResourceExhaustedException("OOM when allocating tensor"))) {
      StatusException status = StatusException.of(failure);
      assertEquals(429, status.code().http()); // as TensorFlow Serving has it
      assertTrue(status.getMessage().startsWith("The server is out of memory."));
    }
    for (Throwable failure :
        List.of(new TensorFlowException("/home/me"), new IllegalStateException("/home/me"))) {
      StatusException status = StatusException.of(failure);
      assertEquals(500, status.code().http());
      assertEquals("internal error", status.getMessage());
    }
  }
}
