package io.kvstore.actor;

/** All that reaches a key actor: commands from outside, events from its store, mail from the other slices of its key. */
sealed interface KeyMessage permits KeyCommand, KeyEvent, PartMail {}
