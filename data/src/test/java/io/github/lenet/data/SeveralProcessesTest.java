package io.github.lenet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SeveralProcessesTest {
  private static final String LABELS = "t10k-labels-idx1-ubyte.gz";

  @TempDir Path directory;

  @Test
  void threeProcessesDownloadOnceAndAllSucceed() throws Exception {
    try (LocalMirror mirror = new LocalMirror()) {
      TinyDataset tiny = TinyDataset.at(mirror.address());
      CountDownLatch othersAreUp = new CountDownLatch(1);
      mirror
          .serving(tiny)
          .behaving(
              exchange -> {
                await(othersAreUp);
                mirror.serve(exchange);
              });
      Process first = FetchMain.start(directory, mirror.address());
      Process second = FetchMain.start(directory, mirror.address());
      try {
        Thread.sleep(1_000);
        othersAreUp.countDown();
        new DatasetCache(directory, false, DownloadListener.NONE, DatasetCacheTest.QUICK)
            .fetch(tiny.source());
        assertEquals(0, first.waitFor());
        assertEquals(0, second.waitFor());
      } finally {
        first.destroyForcibly();
        second.destroyForcibly();
      }
      assertEquals(4, mirror.requests().size(), mirror.requests()::toString);
      assertEquals(4, new HashSet<>(mirror.requests()).size());
    }
  }

  @Test
  void aKilledProcessLeavesNothingThatIsTakenForWhole() throws Exception {
    try (LocalMirror mirror = new LocalMirror()) {
      TinyDataset tiny = TinyDataset.at(mirror.address());
      byte[] bytes = tiny.gzip().get(LABELS);
      CountDownLatch end = new CountDownLatch(1);
      mirror
          .serving(tiny)
          .behaving(
              exchange -> {
                exchange.sendResponseHeaders(200, bytes.length);
                exchange.getResponseBody().write(bytes, 0, 10);
                exchange.getResponseBody().flush();
                await(end);
                exchange.close();
              });
      Process killed = FetchMain.start(directory, mirror.address());
      Path part = directory.resolve("tiny").resolve(LABELS + ".part");
      try {
        while (!Files.exists(part) || Files.size(part) < 10) {
          assertTrue(killed.isAlive());
          Thread.sleep(10);
        }
      } finally {
        killed.destroyForcibly().waitFor();
      }
      end.countDown();
      assertArrayEquals(Arrays.copyOf(bytes, 10), Files.readAllBytes(part));

      mirror.behaving(mirror::serve);
      DatasetCache cache =
          new DatasetCache(directory, false, DownloadListener.NONE, DatasetCacheTest.QUICK);
      assertEquals(FileStatus.State.MISSING, cache.verify(tiny.source()).get(3).state());
      cache.fetch(tiny.source());
      assertEquals(FileStatus.State.OK, cache.verify(tiny.source()).get(3).state());
      assertEquals(LABELS + " bytes=10-", mirror.requests().get(1), "its ten bytes are used");
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
