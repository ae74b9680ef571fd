package io.github.lenet.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AugmentationTest {
  @Test
  void namesWhatChanges() {
    assertEquals("none", Augmentation.NONE.toText());
    assertEquals("shift,flip,erase", new Augmentation(true, true, true).toText());
    assertEquals("shift,erase", new Augmentation(true, false, true).toText());
    assertEquals("flip", new Augmentation(false, true, false).toText());
  }

  @Test
  void readsWhatItWrote() {
    Set<String> texts = new HashSet<>();
    for (int bits = 0; bits < 8; bits++) {
      Augmentation augmentation =
          new Augmentation((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0);
      texts.add(augmentation.toText());
      assertEquals(augmentation, Augmentation.fromText(augmentation.toText()));
      assertEquals(bits == 0, augmentation.isNone());
    }
    assertEquals(8, texts.size());
  }

  @Test
  void readsAnyOrderAndSpaces() {
    assertEquals(new Augmentation(true, true, false), Augmentation.fromText("flip, shift"));
    assertEquals(Augmentation.NONE, Augmentation.fromText(" none "));
  }

  @Test
  void rejectsWhatItDoesNotKnow() {
    for (String text : new String[] {"", "rotate", "shift,", "shift,none", "flip,flip", "Shift"}) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> Augmentation.fromText(text), "'" + text + "'");
      assertEquals(
          "unknown augmentation '"
              + text
              + "': expected none, or some of shift, flip, erase, each once, with commas between"
              + " them",
          e.getMessage());
    }
  }

  @Test
  void withoutFlipKeepsTheRest() {
    assertEquals(
        new Augmentation(true, false, true), new Augmentation(true, true, true).withoutFlip());
    assertTrue(new Augmentation(false, true, false).withoutFlip().isNone());
    assertFalse(new Augmentation(true, true, false).withoutFlip().isNone());
  }
}
