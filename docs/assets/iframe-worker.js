// Search from a folder: a browser starts no worker for a page that it reads from a file, so there a
// hidden frame stands in for one.  The theme looks for the name IFrameWorker in the frame's parent.
(() => {
  if (location.protocol !== "file:") return;

  class IFrameWorker extends EventTarget {
    #frame = document.createElement("iframe");
    #waiting = [];
    #ready = false;

    constructor(url) {
      super();
      this.#frame.hidden = true;
      document.body.append(this.#frame);
      const inside = this.#frame.contentWindow;
      inside.postMessage = (data) =>
        this.dispatchEvent(new MessageEvent("message", { data }));
      inside.importScripts = (...urls) =>
        urls.reduce((before, each) => before.then(() => this.#load(each)), Promise.resolve());
      this.#load(String(url)).then(() => {
        this.#ready = true;
        this.#waiting.splice(0).forEach((data) => this.#hand(data));
      });
    }

    #load(url) {
      return new Promise((loaded, failed) => {
        const script = this.#frame.contentDocument.createElement("script");
        script.src = url;
        script.onload = loaded;
        script.onerror = () => failed(new Error(`cannot load ${url}`));
        this.#frame.contentDocument.body.append(script);
      });
    }

    #hand(data) {
      const inside = this.#frame.contentWindow;
      inside.dispatchEvent(new inside.MessageEvent("message", { data }));
    }

    postMessage(data) {
      if (this.#ready) this.#hand(data);
      else this.#waiting.push(data);
    }

    terminate() {
      this.#frame.remove();
    }
  }

  window.IFrameWorker = IFrameWorker;
  window.Worker = IFrameWorker;
})();
