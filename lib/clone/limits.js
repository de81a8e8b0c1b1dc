// The numbers of the codec, with their reasons.
'use strict';

/** MESSAGE_PORTS_BUDGET, in MiB: what is no such number is as if it were not set. */
const asked = Number(globalThis.process.env.MESSAGE_PORTS_BUDGET);

module.exports = Object.freeze({
  /** The encoder's buffer at first: most messages fit. */
  INITIAL_BUFFER: 64 * 1024,
  /** A larger buffer is given back after the message that needed it. */
  RETAINED_BUFFER: 1024 * 1024,
  /** A body may be this long; beyond it ERR_MESSAGE_TOO_LARGE. */
  MAX_BODY: 1024 * 1024 * 1024,
  /** Always free in front of the next value, so that small values need one check only. */
  MARGIN: 64,
  /** Byte ranges from here on travel beside the message instead of in it ... */
  BESIDE: 64 * 1024,
  /** ... and within a process, where that saves two copies of four and costs no system call, from here on. */
  BESIDE_NEAR: 16 * 1024,
  /** Within a process a text of so many characters is not written to the body: native reads it, and makes one of it on the other side. */
  TEXT_BESIDE: 8 * 1024,
  /** No more than so many of one message: what travels beside is counted, and what stands in the body is not. */
  TEXTS_BESIDE: 1024,

  /** A bigint of no more words of 64 bits is written and read by those; a longer one by its digits. */
  BIGINT_WORDS: 8,

  /** Levels written and read by recursion, in 0.3 MB of stack at most; deeper ones by explicit frames. */
  MAX_RECURSION: 250,
  /** A list of frames with room for more is given back. */
  RETAINED_FRAMES: 1024,
  /** Of so many elements of an array it is asked at once what they are; src/node/calls/values.rs takes no more. */
  TOLD_AT_ONCE: 64,
  /** What was met of one kind is given back if it was more. */
  RETAINED_OBJECTS: 4 * 1024,
  /** Up to here a linear search for an object seen before takes less time than to ask the engine for its number. */
  LINEAR_SEARCH: 48,

  /** Of objects of so many classes what they are and have is told by a copy of one, of each class from so many on ... */
  MODELED_CLASSES: 8,
  MODEL_AFTER: 3,
  /** ... and by so many copies, for those that were given their members in different ways; of a class with more by none. */
  MODELS_OF_CLASS: 4,

  /** Texts of more characters than this stand together at the end of a message ... */
  INLINE_TEXT: 8,
  /** ... but for longer ones: a call for each is a fraction of the time to copy it ... */
  LISTED_TEXT: 4096,
  /** ... once a message has texts with so many characters: with fewer it takes no less time. */
  TEXTS_FROM: 160,
  /** So many are written in one call; src/node/calls/short.rs takes no more. */
  TEXTS_AT_ONCE: 128,
  /** So many strings are made of them natively; fewer one by one. */
  NATIVE_TEXTS: 8,
  /** So short a part of a text is a copy; of a longer one the engine makes a view, which keeps the whole text alive ... */
  COPIED_TEXT: 12,
  /** ... and so many characters are made one text to cut those out of. */
  CUT_TEXTS: 1024 * 1024,

  /** Strings up to here are written by a loop, longer ones by one native call. */
  LOOPED_STRING: 20,
  /** Up to here it takes less time to look whether a string is wide than to ask the addon, where Node does not tell. */
  LOOKED_THROUGH: 128,
  /** Wide strings of more bytes than this stand at an even place. */
  ALIGNED_STRING: 1024,
  /** Strings up to here are read with one String.fromCharCode, which is compiled for each length. */
  UNROLLED_STRING: 24,

  /** So many texts are known again that were keys of a Map or of a table, or in a Set: each has one place of these, a power of two ... */
  KNOWN_TEXTS: 4096,
  /** ... if it is not longer than this ... */
  KNOWN_TEXT: 24,
  /** ... and in one of so many entries. */
  KNOWN_FROM: 16,
  /** One is looked for in each such Map or Set, and for each that was known another; no more than so many in vain. */
  KNOWN_CREDIT: 256,

  /** Objects with more keys than this are dictionaries, not records. A literal with more makes the engine a table. */
  MAX_RECORD_KEYS: 127,
  /** A dictionary with more keys than this is made as a table: the engine makes one of it anyway, later and in five times the time. */
  TABLE_KEYS: 64,
  /** The keys of so many tables are remembered ... */
  KEY_LISTS: 8,
  /** ... each of no more bytes than this. */
  KEY_LIST_BYTES: 64 * 1024,
  /** A decoder compiles a literal for a list that has come so often: that takes as long as it took to read the tables ... */
  LITERAL_AFTER: 32,
  /** ... if it has no more keys than this: a table of a few hundred KB. */
  LITERAL_KEYS: 4096,
  /** Once it has made so many, the next so many take twice as many tables each, and so on: from Node 26 on, the engine keeps what was
   * compiled for six collections of the whole heap, which meanwhile may grow to several times of what it was. */
  LITERALS: 64,
  /** Longer keys belong to dictionaries too; it makes a key's length one byte. */
  MAX_RECORD_KEY: 127,
  /** The encoder forgets all shapes once it knows this many steps. */
  MAX_SHAPE_NODES: 8192,
  /** A shape not seen for so many messages is not worth a definition, which the decoder would have to keep: of 300 shapes by
   * turns records take two thirds of the time of dictionaries, of 700 dictionaries less than records. */
  RARE_SHAPE: 500,
  /** Places in the decoder's shape cache; a power of two. */
  SHAPE_CACHE: 2048,
  /** The decoder compiles what reads strings of a length, and a constructor for a shape, that it has seen this often, and the encoder what
   * writes the members of one ... */
  COMPILE_AFTER: 8,
  /** ... but for no more shapes than this at once ... */
  MAX_COMPILED: 1024,
  /** ... and afterwards for one shape for so many objects: compiling takes about as long as reading them. */
  EARNS_COMPILING: 256,

  /** After so many dictionaries the decoder makes further ones as tables, which takes half of the time if their keys do not come
   * again, and twice of it if they do ... */
  FEW_DICTIONARIES: 256,
  /** ... and so that the encoder need not know lists that have no second object, which takes most of the time of writing one: where so
   * many keys have followed one list, another leads on only if it came lately ... */
  MANY_BRANCHES: 128,
  /** ... which is told from the hashes of so many keys, a power of two ... */
  RECENT_KEYS: 2048,
  /** ... each of no more than so many characters. */
  HASHED_KEY: 24,

  /** So many numbers, or texts, are written in one go: fewer in the time of any other elements. */
  MANY_ALIKE: 8,
  /** Up to this length the keys of an array that may have holes or named properties are listed; to copy a longer one takes less time. */
  LONG_ARRAY: 16,
  /** Up to this length, an array is made with room for all its elements, and read in half the time of one that grows. Of one
   * much longer the engine would make a table. */
  MAX_PRESIZED: 1 << 20,
  /** Of a Map or a Set with so many entries or more, the engine lists all at once; of a smaller one the call takes longer. */
  LISTED_AT_ONCE: 16,
  /** With more holes than this, and than so many for each element, an array is made as a table, in which holes cost nothing ... */
  FREE_HOLES: 32,
  /** ... and the ratio keeps it from going to and fro. */
  HOLES_PER_ELEMENT: 16,

  /** What an error says of the value that cannot be cloned: so many characters of its source or type ... */
  MAX_SOURCE: 80,
  /** ... so many of a key on the way to it ... */
  MAX_KEY_TEXT: 64,
  /** ... and so many steps of that way, half of them from each end. */
  MAX_STEPS: 32,

  /**
   * What a message may make of itself here: so many bytes, and so many for each byte of its body. Charged, before it is
   * made, is whatever takes more than that factor; the rest stays below it by itself.
   */
  BUDGET: (asked > 0 ? asked : 64) * 1024 * 1024,
  BUDGET_FACTOR: 16,
  /** Bytes that the engine takes for what a message can have many of, rounded up from measurements on all majors. */
  COST: Object.freeze({
    OBJECT: 72, TABLE: 240, NAME: 96, ROOM: 8, FAR_ELEMENT: 150, ARRAY: 48, SHORT_ARRAY: 200, ELEMENT: 12, MAP: 200, SET: 176, ENTRY: 24, REGEXP: 72, BOXED: 48, ERROR: 120, MEMORY: 112,
    VIEW: 120, SHAPE: 320, TRANSFORM: 8192, SIGNAL: 1024,
    BLOB: 1024, RULE: 256, KEY: 32 * 1024,
  }),

  /** An index that is no more than so far behind those that an object has room for, makes it have more room ... */
  ELEMENTS_GAP: 1024,
  /** ... up to so many elements, few as they are. */
  FAST_ELEMENTS: 5000,

  /** What the resizable buffers of one message may grow to together: address space, not memory, but finite. */
  MAX_RESERVED: 4 * 1024 * 1024 * 1024,
});
