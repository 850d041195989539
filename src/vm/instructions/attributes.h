/* Attributes and items. */

TARGET(LOAD_ATTR)
load_attr: {
    SAVE();
    PyObject *owner = OBJECT(ip->b), *name = NAME_AT(ip->c), *o = owner ? op_load_attr(owner, name) : NULL;
    if (!o) goto error;
    if (specialise_is_due(ip, X_LOAD_ATTR)) specialise_load_attr(ip, owner, name);
    CONSUME(ip->b);
    STORE(ip->a, value_from_owned(o));
    NEXT(3);
}

/* After so many runs an instruction for many types looks whether one has stayed. */
enum { MANY_RUNS = 8192 };
#define COUNT_MANY(generic) \
    if (UNLIKELY(++((Word *)ip)[1].low == MANY_RUNS)) specialise_undo(frame, ip, generic);

TARGET(LOAD_ATTR_MANY)
load_attr_many: {
    Value v = OPERAND(ip->b);
    PyObject *owner = value_object(v), *o = NULL;
    if (!value_is_object(v)) goto load_attr;
    const Word *words = attribute_known(vm_runtime.loads, Py_TYPE(owner), NAME_AT(ip->c));
    COUNT_MANY(X_LOAD_ATTR)
    switch (words->op) {
    case X_LOAD_ATTR_INSTANCE: {
        const PyDictValues *values = *instance_values_slot(owner);
        if (values && words[1].high < dict_values_capacity(values)) o = values->values[words[1].high];
        break;
    }
    case X_LOAD_ATTR_SLOT: o = *(PyObject **)((char *)owner + words[1].high); break;
    case X_LOAD_ATTR_CLASS: o = (PyObject *)Py_TYPE(owner); break;
    case X_LOAD_ATTR_SHARED:
        if (!op_may_shadow(owner, words[1].high)) o = words[2].pointer;
        break;
    case X_LOAD_ATTR_PROPERTY: property = words[2].pointer; goto get_property;
    }
    if (!o) goto load_attr;
    Value loaded = op_load(o);
    CONSUME(ip->b);
    STORE(ip->a, loaded);
    NEXT(3);
}

/* The owner of a specialised access, if it is an object of the type that the cache knows; otherwise the form for many types. */
#define OWNER_OF_KNOWN_TYPE(operand, generic, label) \
    Value owner_value = OPERAND(operand); \
    PyObject *owner = value_object(owner_value); \
    if (UNLIKELY(!value_is_object(owner_value) || Py_TYPE(owner)->tp_version_tag != ip[1].low)) { \
        specialise_undo(frame, ip, generic); \
        goto label; \
    }

/* The same of a class: the version of a metaclass shows that it is one. */
#define OWNER_OF_KNOWN_METACLASS(generic, label) \
    Value owner_value = OPERAND(ip->b); \
    PyObject *owner = value_object(owner_value); \
    if (UNLIKELY(!value_is_object(owner_value) || Py_TYPE(owner)->tp_version_tag != ip[1].high)) { \
        specialise_undo(frame, ip, generic); \
        goto label; \
    }

/* Delivers a borrowed object. The owner may die with its register, so the reference comes first. */
#define LOADED(o) \
    do { \
        Value loaded_ = op_load(o); \
        CONSUME(ip->b); \
        STORE(ip->a, loaded_); \
        NEXT(3); \
    } while (0)

/* An array made before the shared keys grew is too short for the newer names: hence the test of its capacity. */
TARGET(LOAD_ATTR_INSTANCE) {
    OWNER_OF_KNOWN_TYPE(ip->b, X_LOAD_ATTR_MANY, load_attr_many)
    const PyDictValues *values = *instance_values_slot(owner);
    PyObject *o = LIKELY(values && ip[1].high < dict_values_capacity(values)) ? values->values[ip[1].high] : NULL;
    if (LIKELY(o != NULL)) LOADED(o);
    if (values) specialise_undo(frame, ip, X_LOAD_ATTR);
    goto load_attr;
}

TARGET(LOAD_ATTR_SLOT) {
    OWNER_OF_KNOWN_TYPE(ip->b, X_LOAD_ATTR_MANY, load_attr_many)
    PyObject *o = *(PyObject **)((char *)owner + ip[1].high);
    if (LIKELY(o != NULL)) LOADED(o);
    goto load_attr;
}

TARGET(LOAD_ATTR_MODULE) {
    Value v = OPERAND(ip->b);
    PyObject *module = value_object(v);
    if (LIKELY(value_is_object(v) && PyModule_CheckExact(module))) {
        const PyDictKeysObject *keys = ((PyDictObject *)PyModule_GetDict(module))->ma_keys;
        if (LIKELY(keys->dk_version == ip[1].low)) LOADED(dict_entry_value_at(keys, ip[1].high));
    }
    specialise_undo(frame, ip, X_LOAD_ATTR);
    goto load_attr;
}

TARGET(LOAD_ATTR_TYPE) {
    OWNER_OF_KNOWN_METACLASS(X_LOAD_ATTR, load_attr)
    if (LIKELY(((PyTypeObject *)owner)->tp_version_tag == ip[1].low)) {
        LOADED((PyObject *)ip[2].pointer);
    }
    specialise_undo(frame, ip, X_LOAD_ATTR);
    goto load_attr;
}

TARGET(LOAD_ATTR_SHARED) {
    OWNER_OF_KNOWN_TYPE(ip->b, X_LOAD_ATTR_MANY, load_attr_many)
    if (LIKELY(!op_may_shadow(owner, ip[1].high))) LOADED((PyObject *)ip[2].pointer);
    specialise_undo(frame, ip, X_LOAD_ATTR);
    goto load_attr;
}

TARGET(LOAD_ATTR_DICT) {
    OWNER_OF_KNOWN_TYPE(ip->b, X_LOAD_ATTR_MANY, load_attr_many)
    PyObject *o = attribute_of_dict(owner, NAME_AT(ip->c), ip);
    if (LIKELY(o != NULL)) LOADED(o);
    specialise_undo(frame, ip, X_LOAD_ATTR);
    goto load_attr;
}

TARGET(LOAD_ATTR_DESCRIPTOR) {
    OWNER_OF_KNOWN_TYPE(ip->b, X_LOAD_ATTR_MANY, load_attr_many)
    if (UNLIKELY(op_may_shadow(owner, ip[1].high))) {
        specialise_undo(frame, ip, X_LOAD_ATTR);
        goto load_attr;
    }
    SAVE();
    PyObject *o = attribute_of_descriptor(owner, NAME_AT(ip->c), ip);
    if (UNLIKELY(!o)) goto error;
    CONSUME(ip->b);
    STORE(ip->a, value_from_owned(o));
    NEXT(3);
}

TARGET(LOAD_ATTR_CLASS) {
    OWNER_OF_KNOWN_TYPE(ip->b, X_LOAD_ATTR_MANY, load_attr_many)
    Value class = value_from_owned(Py_NewRef((PyObject *)Py_TYPE(owner)));
    CONSUME(ip->b);
    STORE(ip->a, class);
    NEXT(3);
}

/* A getter written in Python runs in this loop. */
TARGET(LOAD_ATTR_PROPERTY) {
    OWNER_OF_KNOWN_TYPE(ip->b, X_LOAD_ATTR_MANY, load_attr_many)
    property = ip[2].pointer;
}
get_property: {
    PyObject *owner = value_object(OPERAND(ip->b));
    PyFunctionObject *getter = (PyFunctionObject *)property_getter_borrow(property);
    if (!getter || !call_is_python((PyObject *)getter) || tstate->cframe->use_tracing) goto load_attr;
    SAVE();
    ExecCode *exec = code_exec((PyCodeObject *)getter->func_code);
    if (LIKELY(exec && exec->simple_arguments == 1)) {
        Frame *callee = call_push_simple(tstate, getter, exec, 1, frame_linkage(RETURN_FROM_GETTER, ip->a, 3));
        if (UNLIKELY(!callee)) {
            attribute_error_note(owner, NAME_AT(ip->c));
            goto error;
        }
        Py_INCREF(getter);
        callee->created = Py_NewRef(owner);
        callee->registers[0] = value_from_borrowed(owner);
        CONSUME(ip->b);
        ENTER_SIMPLE();
    }
    Frame *callee = call_push_value(tstate, getter, value_from_owned(Py_NewRef(owner)));
    if (!callee) {
        attribute_error_note(owner, NAME_AT(ip->c));
        goto error;
    }
    callee->created = Py_NewRef(owner);
    CONSUME(ip->b);
    callee->previous = frame;
    frame_return_to(callee, RETURN_FROM_GETTER, ip->a, 3);
    frame = callee;
    goto enter;
}

TARGET(LOAD_METHOD)
load_method: {
    SAVE();
    PyObject *owner = OBJECT(ip->b), *name = NAME_AT(ip->c), *method = NULL;
    if (!owner) goto error;
    int unbound = op_load_method(owner, name, &method);
    if (!method) goto error;
    uint16_t a = ip->a;
    if (specialise_is_due(ip, X_LOAD_METHOD)) specialise_load_method(ip, owner, name);
    if (unbound) {
        Value self = TAKE_OR_COPY(ip->b);
        STORE(a, value_from_owned(method));
        STORE(a + 1, self);
    }
    else {
        CONSUME(ip->b);
        STORE(a, VALUE_EMPTY);
        STORE(a + 1, value_from_owned(method));
    }
    NEXT(3);
}

/* The end of a LOAD_METHOD that found a borrowed method of the object in b. A CALL_METHOD_PYTHON that follows at once, as it does
 * where all arguments are locals or constants, is done in the same go: `invoke` in calls.h. */
#define METHOD_FOUND(method) \
    do { \
        invoked = (PyFunctionObject *)(method); \
        if (ip[3].op == X_CALL_METHOD_PYTHON && LIKELY(!tstate->cframe->use_tracing) && LIKELY(Py_IS_TYPE(invoked, &PyFunction_Type)) \
            && LIKELY((invoked_exec = code_exec((PyCodeObject *)invoked->func_code)) != NULL) \
            && LIKELY(call_defaults_fit(invoked, invoked_exec, ip[3].c + 1))) { \
            invoked_self = LIKELY(!IS_CONSTANT(ip->b)) ? operand_pass(R, FT, ip->b) : OPERAND(ip->b); \
            Py_INCREF(invoked); \
            ip += 3; \
            goto invoke; \
        } \
        uint16_t a = ip->a; \
        Value self = TAKE_OR_COPY(ip->b); \
        FILL(a, value_from_owned(Py_NewRef((PyObject *)invoked))); \
        FILL(a + 1, self); \
        NEXT(3); \
    } while (0)

TARGET(LOAD_METHOD_MANY)
load_method_many: {
    Value v = OPERAND(ip->b);
    PyObject *owner = value_object(v);
    if (!value_is_object(v)) goto load_method;
    const Word *words = attribute_known(vm_runtime.methods, Py_TYPE(owner), NAME_AT(ip->c));
    COUNT_MANY(X_LOAD_METHOD)
    if (words->op != X_LOAD_METHOD_TYPE || op_may_shadow(owner, words[1].high)) goto load_method;
    METHOD_FOUND((PyObject *)words[2].pointer);
}

TARGET(LOAD_METHOD_TYPE) {
    OWNER_OF_KNOWN_TYPE(ip->b, X_LOAD_METHOD_MANY, load_method_many)
    if (UNLIKELY(op_may_shadow(owner, ip[1].high))) {
        specialise_undo(frame, ip, X_LOAD_METHOD);
        goto load_method;
    }
    METHOD_FOUND((PyObject *)ip[2].pointer);
}

TARGET(LOAD_METHOD_DICT) {
    OWNER_OF_KNOWN_TYPE(ip->b, X_LOAD_METHOD, load_method)
    if (UNLIKELY(!has_known_dict(owner, ip[1].high))) {
        specialise_undo(frame, ip, X_LOAD_METHOD);
        goto load_method;
    }
    uint16_t a = ip->a;
    Value self = TAKE_OR_COPY(ip->b);
    FILL(a, value_from_owned(Py_NewRef((PyObject *)ip[2].pointer)));
    FILL(a + 1, self);
    NEXT(3);
}

TARGET(LOAD_METHOD_LAZY) {
    OWNER_OF_KNOWN_TYPE(ip->b, X_LOAD_METHOD, load_method)
    if (UNLIKELY(*lazy_dict_slot(owner, ip[1].high))) {
        specialise_undo(frame, ip, X_LOAD_METHOD);
        goto load_method;
    }
    uint16_t a = ip->a;
    Value self = TAKE_OR_COPY(ip->b);
    FILL(a, value_from_owned(Py_NewRef((PyObject *)ip[2].pointer)));
    FILL(a + 1, self);
    NEXT(3);
}

/* What is called is no method: delivers a borrowed object, with an empty place where self would be. */
#define LOADED_CALLABLE(o) \
    do { \
        Value loaded_ = value_from_owned(Py_NewRef(o)); \
        uint16_t a = ip->a; \
        CONSUME(ip->b); \
        STORE(a, VALUE_EMPTY); \
        STORE(a + 1, loaded_); \
        NEXT(3); \
    } while (0)

TARGET(LOAD_METHOD_MODULE) {
    Value v = OPERAND(ip->b);
    PyObject *module = value_object(v);
    if (LIKELY(value_is_object(v) && PyModule_CheckExact(module))) {
        const PyDictKeysObject *keys = ((PyDictObject *)PyModule_GetDict(module))->ma_keys;
        if (LIKELY(keys->dk_version == ip[1].low)) LOADED_CALLABLE(dict_entry_value_at(keys, ip[1].high));
    }
    specialise_undo(frame, ip, X_LOAD_METHOD);
    goto load_method;
}

TARGET(LOAD_METHOD_CLASS) {
    OWNER_OF_KNOWN_METACLASS(X_LOAD_METHOD, load_method)
    if (LIKELY(((PyTypeObject *)owner)->tp_version_tag == ip[1].low)) {
        LOADED_CALLABLE((PyObject *)ip[2].pointer);
    }
    specialise_undo(frame, ip, X_LOAD_METHOD);
    goto load_method;
}

/* The wrapper of a class's static or class method. It may be read once the class is seen to be as it was. */
#define WRAPPED_OF_KNOWN_CLASS() \
    OWNER_OF_KNOWN_METACLASS(X_LOAD_METHOD, load_method) \
    bool known = ((PyTypeObject *)owner)->tp_version_tag == ip[1].low; \
    PyObject *function = LIKELY(known) ? classmethod_callable_borrow(ip[2].pointer) : NULL;

TARGET(LOAD_METHOD_STATIC) {
    WRAPPED_OF_KNOWN_CLASS()
    if (LIKELY(function != NULL)) LOADED_CALLABLE(function);
    specialise_undo(frame, ip, X_LOAD_METHOD);
    goto load_method;
}

TARGET(LOAD_METHOD_CLASSMETHOD) {
    WRAPPED_OF_KNOWN_CLASS()
    if (LIKELY(function && Py_IS_TYPE(function, &PyFunction_Type))) METHOD_FOUND(function);
    specialise_undo(frame, ip, X_LOAD_METHOD);
    goto load_method;
}

/* super().method without a super object. Where anything is unusual, the instructions that follow do it step by step. */
TARGET(TRY_SUPER_METHOD) {
    const Word *call = ip + 4, *load = call + 3;
    Value self = R[0];
    PyObject *owner = value_object(self), *class = PyCell_GET(value_object(R[ip->a]));
    if (OBJECT(call->b) == (PyObject *)&PySuper_Type && value_is_object(self) && owner && class
        && ((Py_TYPE(owner)->tp_version_tag == ip[1].low && ip[3].pointer == class)
            || specialise_super_method(ip, owner, class, NAME_AT(load->c)))) {
        uint16_t a = load->a;
        CONSUME_TEMPORARY(call->b);
        FILL(a, value_from_owned(Py_NewRef((PyObject *)ip[2].pointer)));
        FILL(a + 1, value_copy(self));
        NEXT(10);
    }
    NEXT(4);
}

TARGET(STORE_ATTR)
store_attr: {
    SAVE();
    PyObject *owner = OBJECT(ip->a), *value = OBJECT(ip->b), *name = NAME_AT(ip->c);
    if (!owner || !value || op_store_attr(owner, name, value) < 0) goto error;
    if (specialise_is_due(ip, X_STORE_ATTR)) specialise_store_attr(ip, owner, name);
    CONSUME(ip->a);
    CONSUME(ip->b);
    NEXT(3);
}

/* Puts the value operand (a new reference) into a place that belongs to the owner; the owner goes last. */
#define REPLACE(place, note) \
    do { \
        PyObject *value = TAKE_OBJECT(ip->b); \
        if (UNLIKELY(!value)) goto error; \
        PyObject *old = *(place); \
        *(place) = value; \
        if (old) { \
            SAVE(); \
            value_release_object(old); \
        } \
        else { \
            note; \
        } \
        CONSUME(ip->a); \
        NEXT(3); \
    } while (0)

TARGET(STORE_ATTR_MANY)
store_attr_many: {
    Value v = OPERAND(ip->a);
    PyObject *owner = value_object(v);
    if (!value_is_object(v)) goto store_attr;
    const Word *words = attribute_known(vm_runtime.stores, Py_TYPE(owner), NAME_AT(ip->c));
    COUNT_MANY(X_STORE_ATTR)
    if (words->op == X_STORE_ATTR_INSTANCE) {
        PyDictValues *values = *instance_values_slot(owner);
        uint32_t index = words[1].high;
        if (values && index < dict_values_capacity(values)) {
            REPLACE(&values->values[index], dict_values_note_insertion(values, index));
        }
    }
    else if (words->op == X_STORE_ATTR_SLOT) REPLACE((PyObject **)((char *)owner + words[1].high), (void)0);
    goto store_attr;
}

TARGET(STORE_ATTR_INSTANCE) {
    OWNER_OF_KNOWN_TYPE(ip->a, X_STORE_ATTR_MANY, store_attr_many)
    PyDictValues *values = *instance_values_slot(owner);
    if (UNLIKELY(!values) && !(values = instance_ensure_values(owner))) goto store_attr;
    if (UNLIKELY(ip[1].high >= dict_values_capacity(values))) goto store_attr;
    REPLACE(&values->values[ip[1].high], dict_values_note_insertion(values, ip[1].high));
}

TARGET(STORE_ATTR_SLOT) {
    OWNER_OF_KNOWN_TYPE(ip->a, X_STORE_ATTR_MANY, store_attr_many)
    REPLACE((PyObject **)((char *)owner + ip[1].high), (void)0);
}

TARGET(DELETE_ATTR) {
    SAVE();
    PyObject *owner = OBJECT(ip->a);
    if (!owner || PyObject_SetAttr(owner, NAME_AT(ip->b), NULL) < 0) goto error;
    CONSUME(ip->a);
    NEXT(1);
}
