"use strict";
(() => {
  const root = document.documentElement;
  const all = (where, what) => Array.from(where.querySelectorAll(what));
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

  const theme = document.getElementById("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";
  const tell = () => {
    theme.textContent = isDark() ? "Light colours" : "Dark colours";
  };
  theme.hidden = false;
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    tell();
  });
  dark.addEventListener("change", tell);
  tell();

  // A picture is made ready when its flow is opened, so that a long page loads fast.
  // Smaller letters cannot be read; the frame scrolls instead.
  const smallest = (svg) => (svg.closest(".stacked") ? 0.8 : 0.6);
  const WIDE = 1150;
  const prepare = (part) => {
    if (part.dataset.ready) return;
    part.dataset.ready = "yes";
    const held = part.querySelector(":scope > template");
    if (held) held.replaceWith(held.content);
    const pictures = all(part, "svg.picture");
    const placing = part.querySelector(".placing");
    const frame = part.querySelector(".pictures");
    if (pictures.length === 1) frame.classList.add("stacked");
    if (pictures.length > 1 && placing) {
      const place = (stacked) => {
        frame.classList.toggle("stacked", stacked);
        placing.textContent = stacked ? "Side by side" : "One above the other";
        pictures.forEach((svg) => svg.dataset.scale && fit(svg));
      };
      place(pictures.some((svg) => svg.viewBox.baseVal.width > WIDE));
      placing.hidden = false;
      placing.addEventListener("click", () => {
        place(!frame.classList.contains("stacked"));
      });
    }
    pictures.forEach(ready);
  };

  const scaled = (svg, scale) => {
    svg.dataset.scale = String(scale);
    svg.style.width = `${Math.round(svg.viewBox.baseVal.width * scale)}px`;
    svg.style.height = `${Math.round(svg.viewBox.baseVal.height * scale)}px`;
  };
  const fitting = (svg) => svg.closest(".canvas").clientWidth / svg.viewBox.baseVal.width;

  const fit = (svg) => scaled(svg, Math.min(1, Math.max(smallest(svg), fitting(svg))));

  const ready = (svg) => {
    const figure = svg.closest("figure");
    const blocks = all(svg, ".block");
    fit(svg);
    const first = blocks.find((b) => b.matches(".changed,.added,.removed")) || blocks[0];
    if (first) {
      first.setAttribute("tabindex", "0");
      show(first);
    }
    all(figure, ".zoom button").forEach((button) => {
      button.addEventListener("click", () => {
        const now = Number(svg.dataset.scale);
        const to = { in: now * 1.25, out: now / 1.25, fit: fitting(svg), full: 1 };
        scaled(svg, Math.min(4, Math.max(0.02, to[button.dataset.zoom])));
      });
    });
    figure.querySelector(".zoom").hidden = false;
    svg.addEventListener("click", (event) => {
      const block = event.target.closest(".block");
      if (block) choose(block);
    });
    svg.addEventListener("focusin", (event) => near(event.target.closest(".block")));
    svg.addEventListener("focusout", () => near(null, svg));
    svg.addEventListener("keydown", (event) => pressed(event, blocks));
  };

  // Only the picture's own frame scrolls, never the page.
  const show = (block) => {
    const frame = block.closest(".canvas");
    const box = block.getBoundingClientRect();
    const place = frame.getBoundingClientRect();
    const left = frame.scrollLeft + box.left - place.left - (place.width - box.width) / 2;
    const top = frame.scrollTop + box.top - place.top - (place.height - box.height) / 2;
    frame.scrollTo({ left, top, behavior: still ? "instant" : "auto" });
  };

  const near = (block, picture) => {
    if (!block && !picture) return;
    const svg = picture || block.closest("svg.picture");
    all(svg, ".link.near").forEach((link) => link.classList.remove("near"));
    if (!block) return;
    const id = block.dataset.block;
    all(svg, ".link").forEach((link) => {
      const touches = link.dataset.from === id || link.dataset.to === id;
      link.classList.toggle("near", touches);
    });
  };

  const WAYS = {
    ArrowRight: [1, 0],
    ArrowLeft: [-1, 0],
    ArrowDown: [0, 1],
    ArrowUp: [0, -1],
  };
  const pressed = (event, blocks) => {
    const block = event.target.closest(".block");
    if (!block || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") {
      choose(block);
    } else if (event.key === "Escape") {
      dismiss(block);
    } else if (event.key === "Home" || event.key === "End") {
      move(block, event.key === "Home" ? blocks[0] : blocks[blocks.length - 1]);
    } else if (WAYS[event.key]) {
      move(block, nearest(block, blocks, WAYS[event.key]));
    } else {
      return;
    }
    event.preventDefault();
  };

  const middle = (block) => {
    const box = block.querySelector(".box").getBoundingClientRect();
    return [box.left + box.width / 2, box.top + box.height / 2];
  };
  const nearest = (from, blocks, [dx, dy]) => {
    const [x, y] = middle(from);
    let best = null;
    let least = Infinity;
    blocks.forEach((block) => {
      const [a, b] = middle(block);
      const ahead = (a - x) * dx + (b - y) * dy;
      const aside = Math.abs((a - x) * dy) + Math.abs((b - y) * dx);
      if (block !== from && ahead > 1 && ahead + 2 * aside < least) {
        least = ahead + 2 * aside;
        best = block;
      }
    });
    return best;
  };
  const move = (from, to) => {
    if (!to) return;
    from.setAttribute("tabindex", "-1");
    to.setAttribute("tabindex", "0");
    show(to);
    to.focus({ preventScroll: true });
  };

  const choose = (block) => {
    const part = block.closest(".inside");
    const id = block.dataset.block;
    all(part, ".block").forEach((other) => {
      other.classList.toggle("chosen", other.dataset.block === id);
    });
    const panel = part.querySelector(".detail");
    const body = panel.querySelector(".body");
    body.replaceChildren();
    const title = document.createElement("p");
    title.textContent = block.querySelector("title").textContent;
    const found = all(part, "ul.blocks > li").filter((item) => item.dataset.block === id);
    found.forEach((item) => {
      const list = document.createElement("ul");
      list.className = "blocks";
      list.append(item.cloneNode(true));
      body.append(list);
    });
    if (!found.length) {
      const words = document.createElement("p");
      words.textContent = "This block does not change.";
      body.append(title, words);
    }
    panel.hidden = false;
    panel.scrollIntoView({ block: "nearest" });
    panel.opener = block;
  };
  const dismiss = (inside) => {
    const part = inside.closest(".inside");
    const panel = part.querySelector(".detail");
    panel.hidden = true;
    all(part, ".block.chosen").forEach((block) => block.classList.remove("chosen"));
    if (panel.contains(inside) && panel.opener) {
      panel.opener.focus({ preventScroll: true });
    }
  };
  document.addEventListener("keydown", (event) => {
    const panel = event.target.closest && event.target.closest(".detail");
    if (event.key === "Escape" && panel) dismiss(event.target);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest(".dismiss")) dismiss(event.target);
  });

  all(document, "div.inside").forEach((part) => {
    const flow = part.closest("details.flow");
    if (!flow || flow.open) prepare(part);
    else flow.addEventListener("toggle", () => flow.open && prepare(part));
  });

  // Paper is white; what is printed is what is unfolded.
  let chosen;
  window.addEventListener("beforeprint", () => {
    chosen = root.dataset.theme;
    root.dataset.theme = "light";
  });
  window.addEventListener("afterprint", () => {
    if (chosen) root.dataset.theme = chosen;
    else delete root.dataset.theme;
  });

  const search = document.getElementById("search");
  if (search) {
    const action = document.getElementById("action");
    const count = document.getElementById("count");
    const flows = all(document, "details.flow");
    const unfold = document.getElementById("unfold");
    const shown = () => flows.filter((flow) => !flow.hidden);
    const folded = () => shown().some((flow) => !flow.open);
    const word = () => {
      unfold.textContent = folded() ? "Unfold all" : "Fold all";
      unfold.hidden = !shown().length;
    };
    unfold.addEventListener("click", () => {
      const open = folded();
      shown().forEach((flow) => {
        flow.open = open;
      });
      word();
    });
    const filter = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      flows.forEach((flow) => {
        const text = flow.dataset.search;
        const fits =
          words.every((word) => text.includes(word)) &&
          (!action.value || flow.dataset.action === action.value);
        flow.hidden = !fits;
      });
      count.textContent = `${shown().length} of ${flows.length} flows shown`;
      word();
    };
    search.addEventListener("input", filter);
    action.addEventListener("change", filter);
    search.form.addEventListener("submit", (event) => event.preventDefault());
    flows.forEach((flow) => flow.addEventListener("toggle", word));
    search.form.hidden = false;
    filter();
  }
})();
