package io.github.lenet.cli.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.exceptions.TFResourceExhaustedException;
import org.tensorflow.exceptions.TFUnimplementedException;
import org.tensorflow.exceptions.TensorFlowException;

final class FailuresTest {

  @Test
  void tellsWhatIsWrongWithAFile() {
    assertEquals("a: no such file or directory", describe(new NoSuchFileException("a")));
    assertEquals("a: permission denied", describe(new AccessDeniedException("a")));
    assertEquals("a: already exists", describe(new FileAlreadyExistsException("a")));
    assertEquals(
        "a: already exists. Choose another",
        describe(new FileAlreadyExistsException("a: already exists. Choose another")));
    assertEquals("disk full", describe(new UncheckedIOException(new IOException("disk full"))));
  }

  @Test
  void keepsOnlyTheFirstLineOfTensorFlow() {
    assertEquals(
        "TensorFlow: no such op", describe(new TensorFlowException("no such op\n\t[[node a]]")));
    // These two extend Java's own exceptions.
    assertEquals("TensorFlow: bad", describe(new TFInvalidArgumentException("bad\n\t[[a]]")));
    assertEquals("TensorFlow: none", describe(new TFUnimplementedException("none\n\t[[a]]")));
  }

  @Test
  void asksForAReportOfWhatNobodyExpected() {
    String message = describe(new IllegalStateException("impossible"));
    assertTrue(message.startsWith("internal error: "), message);
    assertTrue(message.contains("impossible"), message);
    assertTrue(message.contains("--verbose"), message);
    assertTrue(describe(new IOException()).startsWith("internal error: "));
    assertTrue(describe(new NullPointerException("x")).startsWith("internal error: "));
  }

  @Test
  void saysWhatHelpsWhenMemoryRunsOut() {
    String message = describe(new OutOfMemoryError("Java heap space"));
    assertTrue(message.contains("Java heap space") && message.contains("-Xmx"), message);

    String outside =
        describe(new TFResourceExhaustedException("OOM when allocating tensor\n\t[[node a]]"));
    assertTrue(outside.contains("out of native memory (OOM when allocating tensor): "), outside);
    assertTrue(outside.contains("--batch-size") && outside.contains("--threads"), outside);
  }

  /** The words are those of TensorFlow 2.18 (op_kernel.cc) and of CUDA. */
  @Test
  void saysWhatHelpsWhenTheGpusMemoryRunsOut() {
    String tensor =
        "OOM when allocating tensor with shape[65536,6,28,28] and type float on"
            + " /job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc";
    String message = describe(new TensorFlowException(tensor + "\n\t [[{{node conv1}}]]\nHint: …"));
    assertEquals(
        "out of memory on the GPU ("
            + tensor
            + "): use a smaller --batch-size, end other processes"
            + " on the GPU (nvidia-smi lists them), or raise --gpu-memory-limit",
        message);
    String twice =
        "2 root error(s) found.\n  (0) RESOURCE_EXHAUSTED: %s\n\t [[{{node conv1}}]]\nHint: …\n\n"
            + "  (1) RESOURCE_EXHAUSTED: %s\n0 successful operations.\n0 derived errors ignored.";
    assertEquals(message, describe(new TFResourceExhaustedException(twice.formatted(tensor, "…"))));
    for (String words :
        List.of("CUDA_ERROR_OUT_OF_MEMORY: out of memory", "failed to allocate memory")) {
      assertTrue(
          describe(new TFResourceExhaustedException(words + "\n\t [[{{node Cast}}]]"))
              .startsWith("out of memory on the GPU (" + words + "): "),
          words);
    }
    assertEquals(
        "TensorFlow: OOM when allocating tensor with shape[9] and type float on /job:localhost/"
            + "replica:0/task:0/device:CPU:0 by allocator cpu",
        describe(
            new TensorFlowException(
                "OOM when allocating tensor with shape[9] and type float on /job:localhost/"
                    + "replica:0/task:0/device:CPU:0 by allocator cpu")));
  }

  @Test
  void printsOneLineAndFails() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
    int status =
        new Failures(new Console(stream, stream, false), false)
            .report(new IOException("first\n  second\r\nthird\n"));

    assertEquals(ExitCode.FAILED, status);
    assertEquals(
        "error: first second third" + System.lineSeparator(), err.toString(StandardCharsets.UTF_8));
  }

  private static String describe(Throwable failure) {
    return Failures.describe(failure);
  }
}
