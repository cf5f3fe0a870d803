/* foyer-kiosk: the touchscreen. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "common/base/assets.h"
#include "common/base/log.h"
#include "kiosk/screens/app.h"
#include "kiosk/ui/driver.h"

enum { SIDE_MIN = 320, SIDE_MAX = 8192 };

typedef struct Options {
  const char *data, *language, *driver;
  int width, height;
  bool fullscreen, scanner;
} Options;

static const char USAGE[] =
    "usage: foyer-kiosk --data DIR [options]\n"
    "The lobby's touchscreen over the replica in DIR. foyerd beside it replicates.\n"
    "\n"
    "  --data DIR       folder of the replica; waits, calmly, until there is one\n"
    "  --size WxH       window of this size (default 1280x800)\n"
    "  --fullscreen     the whole display\n"
    "  --language TAG   of the first screen (default: the practice's)\n"
    "  --scanner        a code scanner that types stands beside the screen: say so\n"
    "  --driver SOURCE  take commands as a person's hands: - (stdin), unix:PATH or a file. For tests\n"
    "  --help\n"
    "\n"
    "$FOYER_ASSETS names another folder of sentences and theme; SDL_VIDEODRIVER=dummy runs without a display.\n";

static int usage(FILE *out, int code)
{
  fputs(USAGE, out);
  return code;
}

static bool parse_size(Str text, Options *o)
{
  int64_t width, height;
  Str first = str_cut(&text, 'x');
  if (!str_to_int64(first, &width) || !str_to_int64(text, &height)) return false;
  if (width < SIDE_MIN || height < SIDE_MIN || width > SIDE_MAX || height > SIDE_MAX) return false;
  o->width = (int)width;
  o->height = (int)height;
  return true;
}

/* parse: false when the command line is not understood. */
static bool parse(int argc, char **argv, Options *o, bool *help)
{
  static const struct option LONG[] = {
      {"data", required_argument, NULL, 'd'},   {"size", required_argument, NULL, 's'},
      {"fullscreen", no_argument, NULL, 'f'},   {"language", required_argument, NULL, 'l'},
      {"driver", required_argument, NULL, 'D'}, {"scanner", no_argument, NULL, 'c'},
      {"help", no_argument, NULL, 'h'},         {0},
  };
  *o = (Options){.width = 1280, .height = 800};
  for (int c; (c = getopt_long(argc, argv, "", LONG, NULL)) >= 0;) switch (c) {
    case 'd': o->data = optarg; break;
    case 's':
      if (!parse_size(str_c(optarg), o)) return false;
      break;
    case 'f': o->fullscreen = true; break;
    case 'l': o->language = optarg; break;
    case 'D': o->driver = optarg; break;
    case 'c': o->scanner = true; break;
    case 'h': *help = true; break;
    default: return false;
    }
  return *help || (o->data != NULL && optind == argc);
}

/* keep_private: no core file, and no other process of the user may look into this one's memory. */
static void keep_private(void)
{
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  prctl(PR_SET_DUMPABLE, 0);
}

static Err run_app(const Options *o, Ui *ui, const UiTheme *theme, const I18n *i18n)
{
  App *app;
  TRY(app_open(&(AppConfig){.env = env_system(),
                            .folder = o->data,
                            .language = o->language,
                            .i18n = i18n,
                            .theme = theme,
                            .scanner = o->scanner},
               ui, &app));
  UiDriver *driver = NULL;
  Err err = o->driver != NULL ? ui_driver_open(ui, o->driver, &driver) : ERR_OK;
  if (err == ERR_OK) err = ui_run(ui);
  if (err == ERR_OK && driver != NULL && ui_driver_failed(driver)) err = err_because(ERR_CANCELLED, "a command failed");
  if (driver != NULL) ui_driver_close(driver);
  app_close(app);
  return err;
}

static Err run(const Options *o)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  UiTheme theme;
  I18n *i18n;
  Ui *ui;
  TRY(ui_theme_load(assets_path(&arena, "theme.json"), &theme));
  TRY(i18n_open(assets_path(&arena, "i18n"), &i18n));
  Err err = ui_open(&(UiConfig){.env = env_system(),
                                .theme = &theme,
                                .title = "Foyer",
                                .width = o->fullscreen ? 0 : o->width,
                                .height = o->fullscreen ? 0 : o->height,
                                .show_pointer = !o->fullscreen},
                    &ui);
  if (err == ERR_OK) {
    err = run_app(o, ui, &theme, i18n);
    ui_close(ui);
  }
  i18n_close(i18n);
  return err;
}

int main(int argc, char **argv)
{
  Options options;
  bool help = false;
  if (!parse(argc, argv, &options, &help)) return usage(stderr, 2);
  if (help) return usage(stdout, 0);
  keep_private();
  log_open("foyer-kiosk", LOG_INFO, NULL, env_system());
  Err err = run(&options);
  if (err == ERR_OK) return 0;
  fprintf(stderr, "foyer-kiosk: %s: %s\n", err_name(err), err_detail());
  return 1;
}
